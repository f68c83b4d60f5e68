@note Lines with at signs: codegen/sources.py.@
#include "edge_reciprocal.h"
/* SOFTMAX over rows of `classes`, from a table of exponentials: fixed point as in the reference kernels. */
typedef struct {
  const int8_t *input;
  int8_t *output; /* or int16_t */
  const int32_t *exponentials;
  int32_t classes;
} EdgeSoftmax;

/* sum + value / 2^12, rounded to the nearest integer, halves upwards. */
#if EDGE_DSP
EDGE_INLINE uint32_t edge_added_term(uint32_t sum, int32_t value) {
  __asm__("smmlar %0, %1, %2, %0" : "+r"(sum) : "r"(value), "r"(1 << 20));
  return sum;
}
#else
EDGE_INLINE uint32_t edge_added_term(uint32_t sum, int32_t value) { return sum + (((uint32_t)value + (1 << 11)) >> 12); }
#endif

/* sum + (a * b + 2^30) / 2^32, rounded down. */
#if EDGE_THUMB
EDGE_INLINE int32_t edge_added_share(int32_t a, int32_t b, int32_t sum) {
  const uint32_t lower = (uint32_t)a * (uint32_t)b;
  return sum + edge_upper_product(a, b) + (int32_t)(((lower >> 30) + 1) >> 2);
}
#else
EDGE_INLINE int32_t edge_added_share(int32_t a, int32_t b, int32_t sum) {
  return (int32_t)(((int64_t)a * b + (((int64_t)sum << 32) | (1 << 30))) >> 32);
}
#endif
/* function */
@short_kernel@ void @function@(const EdgeSoftmax *s, int y) {
  const int8_t *const in = s->input + y * s->classes;
@if codes int8@
  int8_t *const out = s->output + y * s->classes;
@else@
  int16_t *const out = (int16_t *)(void *)s->output + y * s->classes;
@end@
  const int classes = s->classes;
  int32_t most = -128;
  uint32_t sum = 0;
  /* The largest code's share of the sum alone has 20 bits. */
  int i = 0, bits = 20;
#if EDGE_DSP
  uint32_t four = 0x80808080u;
  for (; i < classes - 3; i += 4) four = edge_max_s8x4(four, edge_load32(in + i));
  for (int lane = 4; lane > 0; lane--, four >>= 8) most = edge_max(most, (int8_t)four);
#endif
  for (; i < classes; i++) most = edge_max(most, in[i]);
  /* No exponential is negative, nor what is made of them: 32 bits hold what is rounded. */
  for (i = 0; i < classes; i++) sum = edge_added_term(sum, s->exponentials[most - in[i]]);
  while (sum >> bits) bits++;
@if codes int8@
  /* Of a sum of 512 or more, all shares round to 0. */
  int32_t share = bits > 28 ? 0 : edge_reciprocal((int32_t)((sum << (32 - bits)) - 0x80000000u));
  const int shift = edge_min(bits, 28) + 2;
@else@
  int32_t share = edge_reciprocal((int32_t)((sum << (32 - bits)) - 0x80000000u));
  const int shift = bits - 6;
@end@
  EDGE_UNKNOWN(share); /* of which the compiler would make 64 bits once, for products of 64 bits */
  /* The reference rounds a product to its upper bits, and those to a code: both at once are the same, since what is
     added the second time has none of the bits that the first time drops. */
  const int32_t half = 1 << (shift - 1);
  for (i = 0; i < classes; i++) {
    const int32_t code = edge_added_share(share, s->exponentials[most - in[i]], half) >> shift;
@if codes int8@
    out[i] = (int8_t)((int32_t)EDGE_USAT8(code, 0) - 128);
@else@
    out[i] = (int16_t)(edge_min(code, 65535) - 32768);
@end@
  }
}
