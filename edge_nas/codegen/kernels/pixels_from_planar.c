#include "edge_pixels.h"
/* Planes of code + 128 as pixels with a border. */
typedef struct {
  const EdgeImage *input, *output;
} EdgePixelsFromPlanar;
/* function */
@short_kernel@ void @function@(const EdgePixelsFromPlanar *s, int y) {
  const EdgeImage *const out = s->output;
  const uint8_t *plane = edge_row(s->input, y) + s->input->left;
  EdgePixelCode *const row = (EdgePixelCode *)(void *)edge_row(out, y) + out->left * out->channels;
  for (int c = 0; c < out->channels; c++, plane += s->input->stride) {
#if EDGE_MVE
    edge_spread((uint8_t *)row + c, plane, out->width, out->channels, 0x80);
#else
    EdgePixelCode *o = row + c;
    for (int x = 0; x < out->width; x++, o += out->channels) *o = (EdgePixelCode)(plane[x] - EDGE_PIXEL_ZERO);
#endif
  }
  edge_pixel_border(out, y);
}
