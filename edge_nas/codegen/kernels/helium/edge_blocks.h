/* See the portable version for the order of the weights. */
typedef int8_t EdgeBlockWeight;

/* Adds the products of four outputs to sums. */
EDGE_INLINE const int8_t *edge_block_sums(const int8_t *in, const int8_t *a, int depth, int32_t *sums) {
  const int8_t *b = a + depth, *c = b + depth, *d = c + depth, *const next = d + depth;
  int32_t sum_a = sums[0], sum_b = sums[1], sum_c = sums[2], sum_d = sums[3];
  __asm__ volatile(
      "wlstp.8 lr, %9, 2f\n"
      "1:\n\t"
      "vldrb.8 q0, [%4], #16\n\t"
      "vldrb.8 q1, [%5], #16\n\t"
      "vmladava.s8 %0, q0, q1\n\t"
      "vldrb.8 q2, [%6], #16\n\t"
      "vmladava.s8 %1, q0, q2\n\t"
      "vldrb.8 q1, [%7], #16\n\t"
      "vmladava.s8 %2, q0, q1\n\t"
      "vldrb.8 q2, [%8], #16\n\t"
      "vmladava.s8 %3, q0, q2\n\t"
      "letp lr, 1b\n"
      "2:"
      : "+Te"(sum_a), "+Te"(sum_b), "+Te"(sum_c), "+Te"(sum_d), "+r"(in), "+r"(a), "+r"(b), "+r"(c), "+r"(d)
      : "r"(depth)
      : "q0", "q1", "q2", "lr", "memory");
  sums[0] = sum_a, sums[1] = sum_b, sums[2] = sum_c, sums[3] = sum_d;
  return next;
}
