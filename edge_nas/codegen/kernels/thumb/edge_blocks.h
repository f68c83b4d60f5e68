/* See the portable version for the order of the weights. */
typedef int8_t EdgeBlockWeight;

/* Adds the products of four outputs to sums. One load brings the weights of an input: those of single signed bytes take
   two instructions each, since they have no constant offsets. It is called, as are those of pointwise_sums.inc. */
EDGE_KERNEL const int8_t *edge_block_sums(const int8_t *in, const int8_t *weights, int depth, int32_t *sums) {
  int32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3];
  for (const int8_t *const end = in + depth / 4 * 4; in != end; in += 4, weights += 16) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
      const uint32_t four = edge_load32_aligned(weights + 4 * k);
      const int32_t x = in[k];
      a += x * (int8_t)four;
      b += x * ((int32_t)(four << 16) >> 24);
      c += x * ((int32_t)(four << 8) >> 24);
      d += x * ((int32_t)four >> 24);
    }
  }
  for (int i = depth % 4; i > 0; i--, in++, weights += 4)
    a += *in * weights[0], b += *in * weights[1], c += *in * weights[2], d += *in * weights[3];
  sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
  return weights;
}
