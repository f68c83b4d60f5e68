/* Sigmoid and tanh of 16-bit numbers in fixed point, as the reference kernels compute them. */

/* a * b / 2^15, rounded to the nearest integer, halves upwards. */
EDGE_INLINE int32_t edge_short_product(int32_t a, int32_t b) { return (a * b + (1 << 14)) >> 15; }

EDGE_INLINE int32_t edge_short(int32_t value) { return edge_clamp(value, -32768, 32767); }

/* exp(x) with 15 fractional bits for x in -2^bits..0 with 15 - bits, bits in 1..7: a polynomial around -1/8 for what is
   above the next quarter, times powers of exp(-1/4) for the quarters. */
EDGE_OFTEN int32_t edge_short_exponential(int32_t x, int bits) {
  static const int16_t factors[7] = {25520, 19875, 12055, 4435, 600, 11, 0}; /* exp(-1/4), exp(-1/2), exp(-1), ... */
  const int point = 15 - bits;
  const int32_t quarter = 1 << (point - 2), fraction = (x & (quarter - 1)) - quarter, rest = fraction - x;
  if (x == 0) return 32767;
  if (bits > 5 && x < -(1 << (20 - bits))) return 0;
  const int32_t a = edge_shift_left(fraction, bits) + (1 << 12), a2 = edge_short_product(a, a);
  const int32_t a3 = edge_short_product(a2, a), a4 = edge_divide_by_power(edge_short_product(a2, a2), 2);
  const int32_t tail = edge_divide_by_power(edge_short_product(a4 + a3, 10923) + a2, 1);
  int32_t result = edge_short(28918 + edge_short_product(a + tail, 28918));
  for (int i = 0; i < edge_min(bits + 2, 7); i++)
    if (rest >> (point - 2 + i) & 1) result = edge_short_product(result, factors[i]);
  return result;
}

/* 2 / (1 + x) with 13 fractional bits for x in 0..1 with 15: three Newton-Raphson steps. */
EDGE_OFTEN int32_t edge_short_reciprocal(int32_t x) {
  const int32_t half = (x + 32768) / 2;
  int32_t guess = 23130 + edge_short_product(half, -15420);
  for (int i = 0; i < 3; i++) {
    const int32_t error = (1 << 13) - edge_short_product(half, guess);
    guess += edge_short(edge_shift_left(edge_short_product(guess, error), 2));
  }
  return guess;
}

/* 1 / (1 + exp(-x)) with 15 fractional bits for x with 12. */
EDGE_OFTEN int32_t edge_short_sigmoid(int32_t x) {
  if (x == 0) return 1 << 14;
  const int32_t share = edge_short(2 * edge_short_reciprocal(edge_short_exponential(x < 0 ? x : -x, 3)));
  return x > 0 ? share : 32767 - share;
}

/* tanh(x) with 15 fractional bits for x with 15 - bits, bits in 0..6. */
EDGE_OFTEN int32_t edge_short_tanh(int32_t x, int bits) {
  if (x == 0) return 0;
  /* exp(-2 |x|): the same bits with one more of them before the point. */
  const int32_t share = edge_short_reciprocal(edge_short_exponential(x < 0 ? x : -x, bits + 1));
  const int32_t size = edge_short(edge_shift_left(share - (1 << 13), 2));
  return x < 0 ? -size : size;
}
