#include "edge_planar.h"
/* RESIZE_NEAREST_NEIGHBOR by whole factors on planar images. */
typedef struct {
  const EdgeImage *input, *output;
  uint8_t height, width;
} EdgeUpsample;
/* function */
EDGE_KERNEL void @function@(const EdgeUpsample *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  const uint8_t *source = edge_row(in, y / s->height) + in->left;
  uint8_t *target = edge_row(out, y) + out->left;
  for (int c = out->channels; c > 0; c--, source += in->stride, target += out->stride) {
    uint8_t *o = target;
    for (int x = 0; x < in->width; x++)
      for (int k = s->width; k > 0; k--) *o++ = source[x];
  }
  edge_border(out, y);
}
