/* Sigmoid and tanh of 16-bit numbers in fixed point, as the reference kernels compute them. */

/* a * b / 2^15, rounded to the nearest integer, halves upwards. Where a register holds the half, one instruction
   multiplies and adds: so compilers are not to know it. */
EDGE_INLINE int32_t edge_short_product(int32_t a, int32_t b, int32_t half) { return (a * b + half) >> 15; }

/* value, clipped to so many bits; a constant. */
#if EDGE_SAT
#define EDGE_SATURATED(value, bits) \
  __extension__({ int32_t r_; __asm__("ssat %0, %2, %1" : "=r"(r_) : "r"(value), "I"(bits)); r_; })
#else
#define EDGE_SATURATED(value, bits) edge_clamp(value, -(1 << ((bits) - 1)), (1 << ((bits) - 1)) - 1)
#endif

/* exp(x) with 15 fractional bits for x in -2^bits..-1 with 15 - bits, bits in 1..7: a polynomial around -1/8 for what is
   above the next quarter, times powers of exp(-1/4) for the quarters. No square or sum of them is negative, so that
   half a last bit rounds, and nothing leaves 16 bits. */
EDGE_INLINE int32_t edge_short_exponential(int32_t x, int bits, int32_t half) {
  const int point = 15 - bits;
  const int32_t fraction = x | -(1 << (point - 2)); /* from -1/4 up to 0 */
  if (bits > 5 && x < -(1 << (20 - bits))) return 0;
  const int32_t a = fraction * (1 << bits) + (1 << 12);
  const int32_t a2 = edge_short_product(a, a, half), a3 = edge_short_product(a2, a, half);
  const int32_t a4 = (edge_short_product(a2, a2, half) + 2) >> 2;
  const int32_t tail = (edge_short_product(a4 + a3, 10923, half) + a2 + 1) >> 1;
  const uint32_t quarters = (uint32_t)~x >> (point - 2); /* of fraction - x */
  int32_t result = 28918 + edge_short_product(a + tail, 28918, half);
  if (quarters & 1) result = edge_short_product(result, 25520, half); /* exp(-1/4) */
  if (quarters & 2) result = edge_short_product(result, 19875, half); /* exp(-1/2) */
  if (quarters & 4) result = edge_short_product(result, 12055, half); /* exp(-1), ... */
  if (quarters & 8) result = edge_short_product(result, 4435, half);
  if (quarters & 16) result = edge_short_product(result, 600, half);
  if (bits > 3 && quarters & 32) result = edge_short_product(result, 11, half);
  return bits > 4 && quarters & 64 ? 0 : result;
}

/* 2 / (1 + x) with 13 fractional bits for x in 0..1 with 15: three Newton-Raphson steps, none of which leaves 16 bits. */
EDGE_INLINE int32_t edge_short_reciprocal(int32_t x, int32_t half) {
  const int32_t denominator = (int32_t)((uint32_t)(x + 32768) >> 1);
  int32_t guess = 23130 + edge_short_product(denominator, -15420, half), one = 1 << 13;
  EDGE_UNKNOWN(one); /* in a register, it takes in a shift */
#pragma GCC unroll 3
  for (int i = 0; i < 3; i++) {
    const int32_t error = one - edge_short_product(denominator, guess, half);
    guess += edge_short_product(guess, error, half) * 4;
  }
  return guess;
}

/* 1 / (1 + exp(-x)) with 15 fractional bits for x with 12. */
EDGE_KERNEL int32_t edge_short_sigmoid(int32_t x) {
  if (x == 0) return 1 << 14;
  int32_t half = 1 << 14;
  EDGE_UNKNOWN(half);
  const int32_t share = 2 * edge_short_reciprocal(edge_short_exponential(x > 0 ? -x : x, 3, half), half);
  return x > 0 ? share : 32767 - share;
}

/* tanh(x) with 15 fractional bits for x with 15 - bits, bits in 0..6. */
EDGE_OFTEN int32_t edge_short_tanh(int32_t x, int bits) {
  if (x == 0) return 0;
  int32_t half = 1 << 14;
  EDGE_UNKNOWN(half);
  /* exp(-2 |x|): the same bits with one more of them before the point. */
  const int32_t share = edge_short_reciprocal(edge_short_exponential(x > 0 ? -x : x, bits + 1, half), half);
  const int32_t size = edge_min(share * 4 - (1 << 15), 32767);
  return x < 0 ? -size : size;
}
