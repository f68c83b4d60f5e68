/* ADD and SUB of codes, one by one: code = clip((a * first + b * second + constant) >> shift), proven pair by pair. */
typedef struct {
  int32_t first, second, constant; /* for codes; of planes, for code + 128 */
  int16_t shift, low, high;
} EdgeSum;

/* Bytes are codes where `is_signed`, else code + 128. */
EDGE_INLINE void edge_sum_row(const uint8_t *a, const uint8_t *b, uint8_t *o, int count, const EdgeSum *s,
                              int is_signed) {
  /* Read once: for all the compiler knows, `o` may be a part of `s`. */
  uint32_t first = (uint32_t)s->first, second = (uint32_t)s->second, constant = (uint32_t)s->constant;
  const int shift = s->shift, low = s->low, high = s->high;
  EDGE_UNKNOWN(first);
  EDGE_UNKNOWN(second);
  EDGE_UNKNOWN(constant);
  EDGE_UNKNOWN(count);
#if defined(__GNUC__)
#pragma GCC unroll 4
#endif
  for (; count > 0; count--, a++, b++) {
    const uint32_t x = is_signed ? (uint32_t)(int8_t)*a : *a, y = is_signed ? (uint32_t)(int8_t)*b : *b;
    *o++ = (uint8_t)edge_clamp((int32_t)(x * first + y * second + constant) >> shift, low, high);
  }
}
