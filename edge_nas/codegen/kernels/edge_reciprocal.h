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
