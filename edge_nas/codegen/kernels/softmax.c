/* SOFTMAX over rows of `classes`, from a table of exponentials: fixed point as in the reference kernels. */
typedef struct {
  const int8_t *input;
  int8_t *output; /* or int16_t */
  const int32_t *exponentials;
  int32_t classes;
} EdgeSoftmax;

/* 1 / (1 + x) with 31 fractional bits for x in 0..1 with as many: three Newton-Raphson steps with 29. */
EDGE_INLINE int32_t edge_reciprocal(int32_t x) {
  const int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
  int32_t guess = 1515870810 + edge_multiply_high(half, -1010580540);
  for (int i = 0; i < 3; i++) {
    const int32_t error = (1 << 29) - edge_multiply_high(half, guess);
    guess = edge_add(guess, edge_shift_left(edge_multiply_high(guess, error), 2));
  }
  return guess >= 1 << 30 ? INT32_MAX : guess * 2;
}
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
