#include "edge_planar.h"
/* MAX_POOL_2D of windows two pixels wide, side by side on planar images. */
typedef struct {
  const EdgeImage *input, *output;
} EdgeMaxPool2Planar;
/* function */
@short_kernel@ void @function@(const EdgeMaxPool2Planar *s, int y) {
  enum { height = @height@ };
  const EdgeImage *const in = s->input, *const out = s->output;
  const int width = out->width, in_stride = in->stride, out_stride = out->stride;
  const uint8_t *plane = edge_row(in, height * y) + in->left;
  int below[height]; /* bytes from the first row of the window to each other */
  for (int k = 0; k < height; k++) below[k] = (int)(edge_row(in, height * y + k) + in->left - plane);
  uint8_t *target = edge_row(out, y) + out->left;
  for (int c = out->channels; c > 0; c--, plane += in_stride, target += out_stride) {
    const uint8_t *p = plane;
    uint8_t *o = target;
    int left = width; /* columns */
#if EDGE_MVE
    for (; left > 0; left -= 8, p += 16, o += 8) {
      const mve_pred16_t there = vctp16q((uint32_t)left); /* of the windows, two columns each */
      uint8x16_t most = vldrbq_z_u8(p, there);
#pragma GCC unroll 8
      for (int k = 1; k < height; k++) most = vmaxq_u8(most, vldrbq_z_u8(p + below[k], there));
      most = vmaxq_u8(most, vrev16q_u8(most));
      vstrbq_p_u16(o, vreinterpretq_u16_u8(most), there); /* the low byte of each two */
    }
#elif EDGE_DSP
    for (; left >= 4; left -= 4, p += 8, o += 4) {
      uint32_t first = edge_load32(p), second = edge_load32(p + 4);
#pragma GCC unroll 8
      for (int k = 1; k < height; k++) {
        first = edge_max_u8x4(first, edge_load32(p + below[k]));
        second = edge_max_u8x4(second, edge_load32(p + below[k] + 4));
      }
      const uint32_t a = edge_pack_low(first, second), b = edge_pack_high(first, second); /* columns 0 1 4 5, 2 3 6 7 */
      const uint32_t even = edge_uxtb16(a) | edge_uxtb16(b) << 8, odd = edge_uxtb16_odd(a) | edge_uxtb16_odd(b) << 8;
      const uint32_t most = edge_max_u8x4(even, odd);
      memcpy(o, &most, 4);
    }
#endif
    for (; left > 0; left--, p += 2, o++) {
      uint8_t most = p[0] > p[1] ? p[0] : p[1];
#pragma GCC unroll 8
      for (int k = 1; k < height; k++) {
        const uint8_t *const q = p + below[k];
        const uint8_t more = q[0] > q[1] ? q[0] : q[1];
        most = most > more ? most : more;
      }
      *o = most;
    }
  }
  edge_border(out, y);
}
