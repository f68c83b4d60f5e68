#include "edge_planar.h"
/* MAX_POOL_2D of 2 x 2 pixels side by side on planar images. */
typedef struct {
  const EdgeImage *input, *output;
} EdgeMaxPool2Planar;
/* function */
EDGE_KERNEL void @function@(const EdgeMaxPool2Planar *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  const uint8_t *upper = edge_row(in, 2 * y) + in->left;
  const uint8_t *lower = edge_row(in, 2 * y + 1) + in->left;
  uint8_t *plane = edge_row(out, y) + out->left;
  for (int c = out->channels; c > 0; c--, upper += in->stride, lower += in->stride, plane += out->stride) {
    const uint8_t *p = upper, *q = lower;
    uint8_t *o = plane;
#if EDGE_DSP
    for (const uint8_t *const end = p + 2 * out->width; p < end; p += 4, q += 4, o += 2) {
      uint32_t v = edge_max_u8x4(edge_load32(p), edge_load32(q));
      v = edge_max_u8x4(v, v >> 8);
      o[0] = (uint8_t)v;
      o[1] = (uint8_t)(v >> 16);
    }
#else
    for (int x = out->width; x > 0; x--, p += 2, q += 2) {
      const uint8_t a = p[0] > p[1] ? p[0] : p[1], b = q[0] > q[1] ? q[0] : q[1];
      *o++ = a > b ? a : b;
    }
#endif
  }
  edge_border(out, y);
}
