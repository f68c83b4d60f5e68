/* ADD and SUB of codes, one by one: code = clip((a * first + b * second + constant) >> shift), proven pair by pair. */
typedef struct {
  int32_t first, second, constant; /* for codes; of planes, for code + 128 */
  int16_t shift, low, high;
} EdgeSum;

EDGE_INLINE uint8_t edge_sum_code(const EdgeSum *f, uint32_t a, uint32_t b) {
  const uint32_t sum = a * (uint32_t)f->first + b * (uint32_t)f->second + (uint32_t)f->constant;
  return (uint8_t)edge_clamp((int32_t)sum >> f->shift, f->low, f->high);
}

/* Bytes are codes where `is_signed`, else code + 128. */
EDGE_INLINE void edge_sum_row(const uint8_t *a, const uint8_t *b, uint8_t *o, int count, const EdgeSum *s,
                              int is_signed) {
  const EdgeSum f = *s; /* for all the compiler knows, `o` may be a part of `s` */
#if defined(__GNUC__)
#pragma GCC unroll 4
#endif
  for (; count > 0; count--, a++, b++)
    *o++ = is_signed ? edge_sum_code(&f, (uint32_t)(int8_t)*a, (uint32_t)(int8_t)*b) : edge_sum_code(&f, *a, *b);
}
