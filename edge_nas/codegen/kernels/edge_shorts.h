/* Codes of 16 bits: activations of both, weights of eight bits, sums of 64. */
EDGE_INLINE const int16_t *edge_shorts(const int8_t *p) { return (const int16_t *)(const void *)p; }
EDGE_INLINE int16_t *edge_shorts_out(int8_t *p) { return (int16_t *)(void *)p; }

/* sum * multiplier / 2^shift, halves upwards, clipped; shift in 8..46. */
EDGE_INLINE int16_t edge_short_code(int64_t sum, int32_t multiplier, int shift, int32_t low, int32_t high) {
  const int64_t value = (sum * multiplier + ((int64_t)1 << (shift - 1))) >> shift;
  return (int16_t)(value < low ? low : value > high ? high : value);
}
