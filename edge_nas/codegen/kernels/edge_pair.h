/* Two tensors met element by element, one perhaps spread over the other: element i of the output, of shape `shape`,
   reads each input at the sum of its strides times the coordinates of i. Steps are those of `shape` where they agree. */
typedef struct {
  const int8_t *a, *b;
  int8_t *output;
  uint32_t count;
  uint16_t shape[4];
  uint32_t strides_a[4], strides_b[4];
  uint8_t spread_a, spread_b;
} EdgePair;

EDGE_INLINE uint32_t edge_pair_position(const uint16_t *shape, const uint32_t *strides, uint32_t i) {
  uint32_t position = 0;
  for (int d = 3; d >= 0; d--) {
    position += i % shape[d] * strides[d];
    i /= shape[d];
  }
  return position;
}

EDGE_INLINE int32_t edge_pair_a(const EdgePair *s, uint32_t i) {
  return s->a[s->spread_a ? edge_pair_position(s->shape, s->strides_a, i) : i];
}

EDGE_INLINE int32_t edge_pair_b(const EdgePair *s, uint32_t i) {
  return s->b[s->spread_b ? edge_pair_position(s->shape, s->strides_b, i) : i];
}

/* The same of int16 codes. */
EDGE_INLINE int32_t edge_pair_short_a(const EdgePair *s, uint32_t i) {
  return ((const int16_t *)(const void *)s->a)[s->spread_a ? edge_pair_position(s->shape, s->strides_a, i) : i];
}

EDGE_INLINE int32_t edge_pair_short_b(const EdgePair *s, uint32_t i) {
  return ((const int16_t *)(const void *)s->b)[s->spread_b ? edge_pair_position(s->shape, s->strides_b, i) : i];
}
