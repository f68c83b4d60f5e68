#include "edge_planar.h"
/* MAX_POOL_2D of windows two pixels wide, side by side on planar images. */
typedef struct {
  const EdgeImage *input, *output;
} EdgeMaxPool2Planar;
/* function */
EDGE_KERNEL void @function@(const EdgeMaxPool2Planar *s, int y) {
  enum { height = @height@ };
  const EdgeImage *const in = s->input, *const out = s->output;
  const int width = out->width, in_stride = in->stride, out_stride = out->stride;
  const uint8_t *p = edge_row(in, height * y) + in->left;
  int below[height]; /* bytes from the first row of the window to each other */
  for (int k = 0; k < height; k++) below[k] = (int)(edge_row(in, height * y + k) + in->left - p);
  uint8_t *o = edge_row(out, y) + out->left;
  for (int c = out->channels; c > 0; c--, p += in_stride, o += out_stride) {
    int x = 0;
#if EDGE_MVE
    for (; x < width; x += 8) {
      const mve_pred16_t pixels = vctp16q((uint32_t)(width - x)); /* two columns each */
      uint8x16_t most = vldrbq_z_u8(p + 2 * x, pixels);
#pragma GCC unroll 8
      for (int k = 1; k < height; k++) most = vmaxq_u8(most, vldrbq_z_u8(p + below[k] + 2 * x, pixels));
      most = vmaxq_u8(most, vrev16q_u8(most));
      vstrbq_p_u16(o + x, vreinterpretq_u16_u8(most), pixels); /* the low byte of each two */
    }
#elif EDGE_DSP
    for (; x + 4 <= width; x += 4) {
      uint32_t left = edge_load32(p + 2 * x), right = edge_load32(p + 2 * x + 4);
#pragma GCC unroll 8
      for (int k = 1; k < height; k++) {
        left = edge_max_u8x4(left, edge_load32(p + below[k] + 2 * x));
        right = edge_max_u8x4(right, edge_load32(p + below[k] + 2 * x + 4));
      }
      const uint32_t a = edge_pack_low(left, right), b = edge_pack_high(left, right); /* columns 0 1 4 5 and 2 3 6 7 */
      const uint32_t even = edge_uxtb16(a) | edge_uxtb16(b) << 8, odd = edge_uxtb16_odd(a) | edge_uxtb16_odd(b) << 8;
      const uint32_t most = edge_max_u8x4(even, odd);
      memcpy(o + x, &most, 4);
    }
#endif
    for (; x < width; x++) {
      uint8_t most = p[2 * x] > p[2 * x + 1] ? p[2 * x] : p[2 * x + 1];
#pragma GCC unroll 8
      for (int k = 1; k < height; k++) {
        const uint8_t *const q = p + below[k] + 2 * x;
        const uint8_t more = q[0] > q[1] ? q[0] : q[1];
        most = most > more ? most : more;
      }
      o[x] = most;
    }
  }
  edge_border(out, y);
}
