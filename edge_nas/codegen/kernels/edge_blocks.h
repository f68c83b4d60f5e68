/* Sums of products of one run of codes, four outputs a, b, c, d at a time. Weights lie in the order in which they are
   wanted, block after block of four outputs (the last block filled up with zeros):

     portable  per input:        a b c d                                      four bytes
     DSP       per four inputs:  ab0 ab2 | cd0 cd2 | ab1 ab3 | cd1 cd3        four words of two lanes of 16 bits
     Helium    per output:       a0 a1 a2 ...                                 four rows

   A lane holds two weights, ab = 256 * b + a. What it adds up is T = 256 * Sb + Sa; its low byte, widened, adds up Sa.
   Then Sb = (T - Sa) / 256, exact as long as Sb fits into 24 bits: that is so for EDGE_BLOCK_INPUTS products. */
typedef int8_t EdgeBlockWeight;

/* Adds the products of four outputs to sums. */
EDGE_INLINE const int8_t *edge_block_sums(const int8_t *in, const int8_t *weights, int depth, int32_t *sums) {
  int32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3];
  for (const int8_t *const end = in + depth / 4 * 4; in != end; in += 4, weights += 16) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
      const int32_t x = in[k];
      a += x * weights[4 * k], b += x * weights[4 * k + 1], c += x * weights[4 * k + 2], d += x * weights[4 * k + 3];
    }
  }
  for (int i = depth % 4; i > 0; i--, in++, weights += 4)
    a += *in * weights[0], b += *in * weights[1], c += *in * weights[2], d += *in * weights[3];
  sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
  return weights;
}
