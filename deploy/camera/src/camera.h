/* What the applications need of a camera. camera_stub.c draws a pattern; a driver for your camera takes its place. */
#ifndef CAMERA_H
#define CAMERA_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes the camera give pictures of this size, rows of R, G, B bytes, or of grey ones where `channels` is 1. Returns 0,
 * or what is wrong. */
int camera_start(uint32_t height, uint32_t width, uint32_t channels);

/* Writes the next picture, height * width * channels bytes. Returns 0, or what is wrong. */
int camera_capture(uint8_t *pixels);

#ifdef __cplusplus
}
#endif

#endif
