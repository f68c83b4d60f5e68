@note Lines with at signs: codegen/sources.py.@
#include "edge_reciprocal.h"
/* SOFTMAX over rows of `classes`, from a table of exponentials: fixed point as in the reference kernels. */
typedef struct {
  const int8_t *input;
  int8_t *output; /* or int16_t */
  const int32_t *exponentials;
  int32_t classes;
} EdgeSoftmax;
/* function */
@short_kernel@ void @function@(const EdgeSoftmax *s, int y) {
  const int8_t *const in = s->input + y * s->classes;
@if codes int8@
  int8_t *const out = s->output + y * s->classes;
@else@
  int16_t *const out = (int16_t *)(void *)s->output + y * s->classes;
@end@
  int32_t most = -128;
  uint32_t sum = 0;
  /* The largest code's share of the sum alone has 20 bits. */
  int bits = 20;
  for (int i = 0; i < s->classes; i++) most = edge_max(most, in[i]);
  /* No exponential is negative, nor what is made of them: 32 bits hold what is rounded. */
  for (int i = 0; i < s->classes; i++) sum += ((uint32_t)s->exponentials[most - in[i]] + (1 << 11)) >> 12;
  while (sum >> bits) bits++;
@if codes int8@
  /* Of a sum of 512 or more, all shares round to 0. */
  const int32_t share = bits > 28 ? 0 : edge_reciprocal((int32_t)((sum << (32 - bits)) - 0x80000000u));
  const int shift = edge_min(bits, 28) + 3;
@else@
  const int32_t share = edge_reciprocal((int32_t)((sum << (32 - bits)) - 0x80000000u));
  const int shift = bits - 5;
@end@
  const uint32_t half = 1u << (shift - 1);
  for (int i = 0; i < s->classes; i++) {
    const uint32_t value = (uint32_t)edge_multiply_high(share, s->exponentials[most - in[i]]);
@if codes int8@
    out[i] = (int8_t)(edge_min((int32_t)((value + half) >> shift), 255) - 128);
@else@
    out[i] = (int16_t)(edge_min((int32_t)((value + half) >> shift), 65535) - 32768);
@end@
  }
}
