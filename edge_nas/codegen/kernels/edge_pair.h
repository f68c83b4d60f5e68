/* Two tensors met element by element, one perhaps spread over the other: the output is rows of shape[3] elements, one
   for each step along the other dimensions. An element is read where the steps times their strides lead. */
typedef struct {
  const int8_t *a, *b;
  int8_t *output;
  uint32_t shape[4], strides_a[4], strides_b[4];
} EdgePair;

EDGE_INLINE uint32_t edge_pair_rows(const EdgePair *s) { return s->shape[0] * s->shape[1] * s->shape[2]; }

/* The place of a row's first element. */
EDGE_INLINE uint32_t edge_pair_row(const EdgePair *s, const uint32_t *strides, uint32_t row) {
  const uint32_t first = row / s->shape[2] / s->shape[1], second = row / s->shape[2] % s->shape[1];
  return first * strides[0] + second * strides[1] + row % s->shape[2] * strides[2];
}
