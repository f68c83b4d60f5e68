/* The code of a real: the quotient in float, rounded to the nearest integer, halves away from zero, then clipped to
   -128..127. No rounding function of the C library is needed; NaN, which stands for no code, becomes -128. */
EDGE_INLINE int8_t edge_code_of_real(float real, float scale, int32_t zero_point) {
  const float quotient = real / scale;
  if (!(quotient > -512.0f)) return -128;
  if (quotient > 512.0f) return 127;
  const int32_t whole = (int32_t)quotient;
  const float rest = quotient - (float)whole; /* exact */
  return (int8_t)edge_clamp(whole + (rest >= 0.5f) - (rest <= -0.5f) + zero_point, -128, 127);
}

/* The same for codes of 16 bits; NaN becomes -32768. */
EDGE_INLINE int16_t edge_short_of_real(float real, float scale, int32_t zero_point) {
  const float quotient = real / scale;
  if (!(quotient > -131072.0f)) return -32768;
  if (quotient > 131072.0f) return 32767;
  const int32_t whole = (int32_t)quotient;
  const float rest = quotient - (float)whole; /* exact */
  return (int16_t)edge_clamp(whole + (rest >= 0.5f) - (rest <= -0.5f) + zero_point, -32768, 32767);
}
