#include "edge_inside.h"
#include "edge_rounded.h"
/* DEPTHWISE_CONV_2D of any window, stride and dilation on flat images, four channels at a time: one word of a pixel
   meets one word of weights.

     pixel of the input   ... c0 c1 c2 c3 c4 c5 c6 c7 ...      weights   c0 c1 c2 c3 (tap 0)  c0 c1 c2 c3 (tap 1) ...
                              ^^^^^^^^^^^                                then c4 c5 c6 c7 (tap 0) ...

   Taps outside the image are left out: which they are is asked once for a row and once for a pixel. */
typedef struct {
  const EdgeImage *input, *output;
  const int8_t *weights; /* zeros for channels that are not there */
  const EdgeRounded *channels;
  uint16_t height; /* of the input */
  uint8_t window_height, window_width, stride_y, stride_x, dilation_y, dilation_x;
  int16_t pad_top, pad_left, zero, low, high;
} EdgeDepthwiseTaps;

enum { EDGE_TAPS_ROWS = 32 };

/* function */
@kernel@ void @function@(const EdgeDepthwiseTaps *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  const int dilation = s->dilation_x;
  int depth = in->channels, columns = s->window_width, window_height = s->window_height;
  EDGE_UNKNOWN(depth);
  EDGE_UNKNOWN(columns);
  EDGE_UNKNOWN(window_height);
  int32_t zero = s->zero;
  EDGE_UNKNOWN(zero);
  const int top = y * s->stride_y - s->pad_top;
  const int ky0 = edge_inside_first(top, s->dilation_y);
  const int ky1 = edge_inside_last(top, s->dilation_y, window_height, s->height);
  const uint8_t *rows[EDGE_TAPS_ROWS];
  for (int ky = ky0; ky < ky1; ky++) rows[ky] = edge_row(in, top + ky * s->dilation_y);
  int8_t *o = (int8_t *)edge_row(out, y);
#if EDGE_DSP
  const uint32_t minus_zero = (uint32_t)(-zero & 0xffff) * 0x10001u;
#endif
  for (int x = 0, left = -s->pad_left; x < out->width; x++, left += s->stride_x) {
    const int kx0 = edge_inside_first(left, dilation), kx1 = edge_inside_last(left, dilation, columns, in->width);
    const EdgeRounded *channel = s->channels;
    const int8_t *weights = s->weights;
    int offset = (left + kx0 * dilation) * depth;
    for (int c = depth; c > 0; c -= 4, offset += 4, weights += window_height * columns * 4) {
      int32_t sums[4] = {channel[0].bias, channel[1].bias, channel[2].bias, channel[3].bias};
      if (c >= 4) {
        int32_t a = sums[0], b = sums[1], e = sums[2], f = sums[3];
        for (int ky = ky0; ky < ky1; ky++) {
          const int8_t *p = (const int8_t *)rows[ky] + offset, *w = weights + (ky * columns + kx0) * 4;
          for (int k = kx1 - kx0; k > 0; k--, p += dilation * depth, w += 4) {
#if EDGE_DSP
            const uint32_t pixel = edge_load32(p), taps = edge_load32_aligned(w);
            const uint32_t even = edge_sxtab16(minus_zero, pixel), odd = edge_sxtab16_odd(minus_zero, pixel);
            const uint32_t even_taps = edge_sxtb16(taps), odd_taps = edge_sxtb16_odd(taps);
            a = edge_smlabb(even, even_taps, a);
            b = edge_smlabb(odd, odd_taps, b);
            e = edge_smlatt(even, even_taps, e);
            f = edge_smlatt(odd, odd_taps, f);
#else
            a += (p[0] - zero) * w[0], b += (p[1] - zero) * w[1], e += (p[2] - zero) * w[2], f += (p[3] - zero) * w[3];
#endif
          }
        }
        sums[0] = a, sums[1] = b, sums[2] = e, sums[3] = f;
      } else {
        for (int ky = ky0; ky < ky1; ky++)
          for (int k = kx0; k < kx1; k++)
            for (int i = 0; i < c; i++)
              sums[i] += (((const int8_t *)rows[ky])[offset + (k - kx0) * dilation * depth + i] - zero) *
                         weights[(ky * columns + k) * 4 + i];
      }
      const int count = edge_min(c, 4);
      for (int i = 0; i < count; i++) *o++ = edge_rounded_code(sums[i], channel++, s->low, s->high);
    }
  }
}
