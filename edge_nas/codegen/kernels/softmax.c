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
  int bits = 0;
  for (int i = 0; i < s->classes; i++) most = edge_max(most, in[i]);
  for (int i = 0; i < s->classes; i++) sum += (uint32_t)edge_divide_by_power(s->exponentials[most - in[i]], 12);
  while (sum >> bits) bits++;
  const int32_t share = edge_reciprocal((int32_t)((sum << (32 - bits)) - 0x80000000u));
  for (int i = 0; i < s->classes; i++) {
    const int32_t value = edge_multiply_high(share, s->exponentials[most - in[i]]);
@if codes int8@
    /* of a sum of 512 or more, all shares round to 0 */
    out[i] = edge_code(bits > 28 ? 0 : edge_divide_by_power(value, bits + 3), -128, -128, 127);
@else@
    out[i] = (int16_t)(edge_min(edge_divide_by_power(value, bits - 5), 65535) - 32768);
@end@
  }
}
