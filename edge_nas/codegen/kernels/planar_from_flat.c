@note Lines with at signs: codegen/sources.py. EdgeImage, edge_row and EDGE_...: edge_intrinsics.h.@
#include "edge_planar.h"
/* A flat row of int8 codes as planes of code + 128. */
typedef struct {
  const EdgeImage *input, *output;
} EdgePlanarFromFlat;
/* function */
@if channels 3@
#if EDGE_DSP && !EDGE_MVE && !defined(EDGE_SMALL)
/* Four pixels of three channels are three words; returns the first column that is left. */
EDGE_INLINE int @function@_words(const uint8_t *in, uint8_t *out, int width, int stride) {
  const uint32_t flip = 0x80808080u;
  int x = 0;
  for (; x <= width - 4; x += 4, in += 12, out += 4) {
    /* a0 b0 c0 a1, b1 c1 a2 b2, c2 a3 b3 c3: every second byte, widened */
    const uint32_t first = edge_load32(in), second = edge_load32(in + 4), third = edge_load32(in + 8);
    const uint32_t a0_c0 = edge_uxtb16(first), b0_a1 = edge_uxtb16_odd(first);
    const uint32_t b1_a2 = edge_uxtb16(second), c1_b2 = edge_uxtb16_odd(second);
    const uint32_t c2_b3 = edge_uxtb16(third), a3_c3 = edge_uxtb16_odd(third);
    const uint32_t a = (edge_pack_ends(a0_c0, b1_a2) | b0_a1 >> 8 | a3_c3 << 24) ^ flip;
    const uint32_t b = (edge_pack_ends(b0_a1, c1_b2) | edge_pack_ends(b1_a2, c2_b3) << 8) ^ flip;
    const uint32_t c = (edge_pack_low(a0_c0 >> 16, c2_b3) | edge_pack_ends(c1_b2, a3_c3) << 8) ^ flip;
    memcpy(out, &a, 4);
    memcpy(out + stride, &b, 4);
    memcpy(out + 2 * stride, &c, 4);
  }
  return x;
}
#endif

@end@
@short_kernel@ void @function@(const EdgePlanarFromFlat *s, int y) {
  enum { channels = @channels@ };
  const uint8_t *row = edge_row(s->input, y);
  uint8_t *plane = edge_row(s->output, y) + s->output->left;
  int width = s->output->width;
  EDGE_UNKNOWN(width);
  @if channels 3@
#if EDGE_DSP && !EDGE_MVE && !defined(EDGE_SMALL)
  const int done = @function@_words(row, plane, width, s->output->stride);
  row += 3 * done;
  plane += done;
  width -= done;
#endif
  @end@
  for (int c = channels; c > 0; c--, row++, plane += s->output->stride) {
#if EDGE_MVE
    edge_gather(plane, row, width, channels, 0x80);
#else
    const uint8_t *in = row;
    uint8_t *out = plane;
    int x = width;
#if EDGE_DSP
    for (; x >= 4; x -= 4, in += 4 * channels, out += 4) {
      const uint32_t left = in[0] | (uint32_t)in[channels] << 8;
      const uint32_t right = in[2 * channels] | (uint32_t)in[3 * channels] << 8;
      const uint32_t word = (left | right << 16) ^ 0x80808080u;
      memcpy(out, &word, 4);
    }
#endif
    for (; x > 0; x--, in += channels) *out++ = *in ^ 0x80;
#endif
  }
  edge_border(s->output, y);
}
