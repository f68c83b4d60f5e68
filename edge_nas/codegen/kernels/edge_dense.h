typedef int8_t EdgeDenseWeight;

typedef struct {
  int32_t bias, factor, multiplier, rounding, shift;
} EdgeDenseChannels;

/* Adds the products of four output channels and two pixels, `distance` codes apart, to sums: both pixels of a, ... */
EDGE_INLINE const int8_t *edge_dense_block(const EdgePixelCode *const *stretches, int offset, const int8_t *weights,
                                           int32_t *sums, int distance, int count, int codes) {
  EDGE_UNKNOWN(codes);
  EDGE_UNKNOWN(count);
  int32_t a0 = sums[0], a1 = sums[1], b0 = sums[2], b1 = sums[3];
  int32_t c0 = sums[4], c1 = sums[5], d0 = sums[6], d1 = sums[7];
  for (; count > 0; count--) {
    const EdgePixelCode *p = *stretches++ + offset;
    for (const EdgePixelCode *const end = p + codes / 4 * 4; p != end; p += 4, weights += 16) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) {
        const int32_t x0 = p[k], x1 = p[distance + k];
        int32_t w = weights[4 * k];
        a0 += w * x0, a1 += w * x1, w = weights[4 * k + 1];
        b0 += w * x0, b1 += w * x1, w = weights[4 * k + 2];
        c0 += w * x0, c1 += w * x1, w = weights[4 * k + 3];
        d0 += w * x0, d1 += w * x1;
        EDGE_STAY_IN_ORDER;
      }
    }
    for (int k = codes % 4; k > 0; k--, p++, weights += 4) {
      const int32_t x0 = p[0], x1 = p[distance];
      a0 += weights[0] * x0, a1 += weights[0] * x1, b0 += weights[1] * x0, b1 += weights[1] * x1;
      c0 += weights[2] * x0, c1 += weights[2] * x1, d0 += weights[3] * x0, d1 += weights[3] * x1;
    }
  }
  sums[0] = a0, sums[1] = a1, sums[2] = b0, sums[3] = b1;
  sums[4] = c0, sums[5] = c1, sums[6] = d0, sums[7] = d1;
  return weights;
}
