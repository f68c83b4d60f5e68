/* ADD and SUB of planar images of one shape. All factors are below 1: every step is a product's upper half, rounded,
   and a shift to the right. */
typedef struct {
  int32_t multiplier, half, sign; /* sign: -1 where the shift is not 0, to round halves away from zero */
  int16_t shift, zero;
} EdgeAdditionFactor;

typedef struct {
  const EdgeImage *a, *b, *output;
  EdgeAdditionFactor factor_a, factor_b, factor;
  int16_t low, high, direction;
} EdgeAdditionPlanar;

/* value * multiplier / 2^31, then / 2^shift; |value| below 2^30. */
EDGE_INLINE int32_t edge_addition_rescale(int32_t value, const EdgeAdditionFactor *factor) {
  const int32_t product = edge_smmulr(value * 2, factor->multiplier);
  return (product + ((product >> 31) & factor->sign) + factor->half) >> factor->shift;
}
/* function */
EDGE_KERNEL void @function@(const EdgeAdditionPlanar *s, int y) {
  const EdgeImage *const out = s->output;
  const uint8_t *a = edge_row(s->a, y) + s->a->left, *b = edge_row(s->b, y) + s->b->left;
  uint8_t *o = edge_row(out, y) + out->left;
  const EdgeAdditionFactor factor_a = s->factor_a, factor_b = s->factor_b, factor = s->factor;
  for (int c = out->channels; c > 0; c--, a += s->a->stride, b += s->b->stride, o += out->stride)
    for (int x = 0; x < out->width; x++) {
      const int32_t scaled_a = edge_addition_rescale((a[x] - factor_a.zero) * (1 << 20), &factor_a);
      const int32_t scaled_b = edge_addition_rescale((b[x] - factor_b.zero) * (1 << 20), &factor_b);
      const int32_t sum = edge_addition_rescale(scaled_a + scaled_b * s->direction, &factor) + factor.zero;
      o[x] = (uint8_t)edge_clamp(sum, s->low, s->high);
    }
  edge_border(out, y);
}
