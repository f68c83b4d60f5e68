@note Lines with at signs: codegen/sources.py.@
#include "edge_wide.h"
/* Dense layers and convolutions of one pixel on flat tensors, one output after the other: run y is the y-th group of
   inputs, or the y-th row of pixels. For cores that multiply vectors of bytes (edge_wide.h), and taken for those alone. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const int8_t *weights; /* (channels, depth and zeros up to a multiple of 16) */
  const int32_t *bias; /* less the zero point's share */
  const int64_t *multipliers;
  const int8_t *shifts;
  int32_t depth, channels, pixels;
  int16_t zero_point, low, high;
} EdgeWideDot;

/* sum * multiplier / 2^shift, halves upwards, clipped to 16 bits, as a dense layer's; shift in 1..62. */
EDGE_OFTEN int32_t edge_wide_once(int32_t sum, int64_t multiplier, int shift) {
  const int64_t value = (sum * multiplier + ((int64_t)1 << (shift - 1))) >> shift;
  return value < -32768 ? -32768 : value > 32767 ? 32767 : (int32_t)value;
}
/* function */
@kernel@ void @function@(const EdgeWideDot *s, int y) {
  const int8_t *in = s->input + y * s->pixels * s->depth;
  int8_t *out = s->output + y * s->pixels * s->channels;
  const int32_t stride = (s->depth + 15) & ~15;
  for (int32_t x = 0; x < s->pixels; x++, in += s->depth) {
    const int8_t *weights = s->weights;
    for (int32_t o = 0; o < s->channels; o++, weights += stride) {
      const int32_t sum = edge_wide_dot(in, weights, s->depth, s->bias[o]);
      @if rounding once@
      const int32_t value = edge_wide_once(sum, s->multipliers[o], s->shifts[o]);
      @else@
      const int32_t value = edge_rescale(sum, (int32_t)s->multipliers[o], s->shifts[o]);
      @end@
      *out++ = edge_code(value, s->zero_point, s->low, s->high);
    }
  }
}
