/* ADD and SUB of codes, one by one: code = clip((a * first + b * second + constant) >> shift), proven pair by pair. */
typedef struct {
  int32_t first, second, constant; /* for codes; of planes, for code + 128 */
  int16_t shift, low, high;
} EdgeSum;

/* Bytes are codes where `is_signed`, else code + 128. */
EDGE_INLINE void edge_sum_row(const uint8_t *a, const uint8_t *b, uint8_t *o, int count, const EdgeSum *s,
                              int is_signed) {
  const EdgeSum f = *s; /* for all the compiler knows, `o` may be a part of `s` */
  for (; count > 0; count -= 4, a += 4, b += 4, o += 4) {
    const int32x4_t x = is_signed ? vldrbq_s32((const int8_t *)a) : vreinterpretq_s32_u32(vldrbq_u32(a));
    const int32x4_t y = is_signed ? vldrbq_s32((const int8_t *)b) : vreinterpretq_s32_u32(vldrbq_u32(b));
    int32x4_t sum = vmlaq_n_s32(vmlaq_n_s32(vdupq_n_s32(f.constant), x, f.first), y, f.second);
    sum = vshlq_r_s32(sum, -f.shift);
    sum = vminq_s32(vmaxq_s32(sum, vdupq_n_s32(f.low)), vdupq_n_s32(f.high));
    vstrbq_p_s32((int8_t *)o, sum, vctp32q((uint32_t)count));
  }
}
