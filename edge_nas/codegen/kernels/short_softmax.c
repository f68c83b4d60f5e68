#include "edge_shorts.h"
/* SOFTMAX over rows of `classes` int16 codes, from tables of exp(x) and 1 / (1 + x) in 512 steps. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const int16_t *exponentials, *reciprocals;
  int32_t classes, multiplier;
  int8_t shift;
} EdgeShortSoftmax;

/* The table at a number, clipped to 16 bits, whose lower seven lie between two entries. */
EDGE_INLINE int32_t edge_looked_up(const int16_t *table, int32_t value) {
  const int32_t clipped = edge_clamp(value, -32768, 32767), entry = 256 + (clipped >> 7);
  return table[entry] + (((table[entry + 1] - table[entry]) * (clipped & 0x7f) + 64) >> 7);
}
/* function */
@short_kernel@ void @function@(const EdgeShortSoftmax *s, int y) {
  const int16_t *const in = edge_shorts(s->input) + y * s->classes;
  int16_t *const out = edge_shorts_out(s->output) + y * s->classes;
  int32_t most = -32768, sum = 0;
  int zeros = 0;
  for (int i = 0; i < s->classes; i++) most = edge_max(most, in[i]);
  for (int i = 0; i < s->classes; i++) {
    const int32_t below = edge_rescale(in[i] - most, s->multiplier, s->shift);
    out[i] = (int16_t)edge_looked_up(s->exponentials, edge_max(below, -65535) + 32767);
    sum += out[i];
  }
  while (!((uint32_t)sum >> (31 - zeros))) zeros++;
  const int32_t shifted = (int32_t)((((int64_t)sum << (zeros - 1)) + (1 << 13)) >> 14);
  const int32_t share = edge_looked_up(s->reciprocals, shifted - (1 << 15) - (1 << 16));
  for (int i = 0; i < s->classes; i++) {
    const int right = 31 - zeros;
    out[i] = (int16_t)edge_clamp((out[i] * share + (1 << (right - 1))) >> right, 0, 32767);
  }
}
