/* The constants of an output channel, of any multiplier: t = sum * 2^exponent * multiplier / 2^32, rounded; then
   code = clip((t + (t < 0 ? sign : 0) + rounding) / 2^shift). */
typedef struct {
  int32_t bias, multiplier, rounding;
  int8_t exponent, sign, shift, unused;
} EdgeRounded;

EDGE_INLINE int8_t edge_rounded_code(int32_t sum, const EdgeRounded *k, int32_t low, int32_t high) {
  const int32_t t = edge_smmulr(edge_shift_left(sum, k->exponent), k->multiplier);
  return (int8_t)edge_clamp((t + ((t >> 31) & k->sign) + k->rounding) >> k->shift, low, high);
}
