#include "camera.h"

static uint32_t height_of, width_of, channels_of, frame;

int camera_start(uint32_t height, uint32_t width, uint32_t channels)
{
    channels_of = channels;
    height_of = height;
    width_of = width;
    frame = 0;
    return 0;
}

/* Bands that move to the left by a few pixels per picture. */
int camera_capture(uint8_t *pixels)
{
    for (uint32_t y = 0; y < height_of; y++) {
        for (uint32_t x = 0; x < width_of; x++) {
            for (uint32_t channel = 0; channel < channels_of; channel++) {
                *pixels++ = (uint8_t)(5 * x + 3 * y + 70 * channel + 11 * frame);
            }
        }
    }
    frame++;
    return 0;
}
