
/* ADD and SUB of codes, one by one. All factors are below 1: every step is a product's upper half, rounded, and a shift
   to the right. */
typedef struct {
  int32_t multiplier, half, sign; /* sign: -1 where the shift is not 0, to round halves away from zero */
  int16_t shift, zero;            /* zero: code + 128 */
} EdgeSumFactor;

typedef struct {
  EdgeSumFactor a, b, sum;
  int16_t low, high, direction; /* low and high: codes + 128 */
} EdgeSum;

#if EDGE_MVE
EDGE_INLINE int32x4_t edge_sum_rescale(int32x4_t value, const EdgeSumFactor *factor) {
  const int32x4_t product = vqrdmulhq_n_s32(value, factor->multiplier);
  return vrshlq_n_s32(vmlaq_n_s32(product, vshrq_n_s32(product, 31), -factor->sign), -factor->shift);
}

/* Bytes are code + 128 where `flip` is 0, codes where it is 0x80. */
EDGE_INLINE void edge_sum_row(const uint8_t *a, const uint8_t *b, uint8_t *o, int count, const EdgeSum *s, int flip) {
  const EdgeSum f = *s; /* for all the compiler knows, `o` may be a part of `s` */
  for (; count > 0; count -= 4, a += 4, b += 4, o += 4) {
    const int32x4_t x = flip ? vldrbq_s32((const int8_t *)a) : vreinterpretq_s32_u32(vldrbq_u32(a));
    const int32x4_t y = flip ? vldrbq_s32((const int8_t *)b) : vreinterpretq_s32_u32(vldrbq_u32(b));
    const int32x4_t scaled_a = edge_sum_rescale(vshlq_n_s32(vsubq_n_s32(x, f.a.zero - flip), 20), &f.a);
    const int32x4_t scaled_b = edge_sum_rescale(vshlq_n_s32(vsubq_n_s32(y, f.b.zero - flip), 20), &f.b);
    int32x4_t sum = edge_sum_rescale(vmlaq_n_s32(scaled_a, scaled_b, f.direction), &f.sum);
    sum = vaddq_n_s32(sum, f.sum.zero - flip);
    sum = vminq_s32(vmaxq_s32(sum, vdupq_n_s32(f.low - flip)), vdupq_n_s32(f.high - flip));
    vstrbq_p_s32((int8_t *)o, sum, vctp32q((uint32_t)count));
  }
}
#else
/* value * multiplier / 2^31, then / 2^shift; |value| below 2^30. */
EDGE_INLINE int32_t edge_sum_rescale(int32_t value, const EdgeSumFactor *factor) {
  const int32_t product = edge_smmulr(value * 2, factor->multiplier);
  return (product + ((product >> 31) & factor->sign) + factor->half) >> factor->shift;
}

/* Bytes are code + 128 where `flip` is 0, codes where it is 0x80. */
EDGE_INLINE void edge_sum_row(const uint8_t *a, const uint8_t *b, uint8_t *o, int count, const EdgeSum *s, int flip) {
  const EdgeSum f = *s; /* for all the compiler knows, `o` may be a part of `s` */
  for (int x = 0; x < count; x++) {
    const int32_t scaled_a = edge_sum_rescale(((a[x] ^ flip) - f.a.zero) * (1 << 20), &f.a);
    const int32_t scaled_b = edge_sum_rescale(((b[x] ^ flip) - f.b.zero) * (1 << 20), &f.b);
    const int32_t sum = edge_sum_rescale(scaled_a + scaled_b * f.direction, &f.sum) + f.sum.zero;
    o[x] = (uint8_t)(edge_clamp(sum, f.low, f.high) ^ flip);
  }
}
#endif
