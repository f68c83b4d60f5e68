/* Camera pixels to the network's input, as in training. */
#ifndef EDGE_PREPROCESS_H
#define EDGE_PREPROCESS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the input codes of `count` bytes of pixels: rows of pixels of channels in the order of the network's input,
 * such as R, G, B. `codes` may be where the pixels are. */
void edge_preprocess(const uint8_t *pixels, int8_t *codes, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
