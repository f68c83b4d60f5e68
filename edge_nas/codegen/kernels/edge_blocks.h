
/* Sums of products of one run of codes, four outputs a, b, c, d at a time. Weights lie in the order in which they are
   wanted, block after block of four outputs (the last block filled up with zeros):

     portable  per input:        a b c d                                      four bytes
     DSP       per four inputs:  ab0 ab2 | cd0 cd2 | ab1 ab3 | cd1 cd3        four words of two lanes of 16 bits
     Helium    per output:       a0 a1 a2 ...                                 four rows

   A lane holds two weights, ab = 256 * b + a. What it adds up is T = 256 * Sb + Sa; its low byte, widened, adds up Sa.
   Then Sb = (T - Sa) / 256, exact as long as Sb fits into 24 bits: that is so for EDGE_BLOCK_INPUTS products. */
#if EDGE_DSP && !EDGE_MVE
typedef uint32_t EdgeBlockWeight;
#else
typedef int8_t EdgeBlockWeight;
#endif

enum { EDGE_BLOCK_INPUTS = 512 };

#if EDGE_MVE
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
#elif EDGE_DSP
/* Adds the products of four outputs and 4 * words inputs, at most EDGE_BLOCK_INPUTS, to sums. */
EDGE_ASSEMBLY const uint32_t *edge_block_words(const int8_t *in, const uint32_t *weights, int32_t *sums, int words) {
  __asm__ volatile(
      "push {r2, r4-r11, lr}\n\t"
      "mov r8, #0\n\t"  /* T of a and b */
      "mov r9, #0\n\t"  /* S of a */
      "mov r10, #0\n\t" /* T of c and d */
      "mov r11, #0\n\t" /* S of c */
      "and r12, r3, #3\n\t"
      "lsrs lr, r3, #2\n\t"
      "beq 2f\n"
      "1:\n\t" /* four times four inputs */
      ".rept 4\n\t"
      "ldr r3, [r0], #4\n\t"
      "ldmia r1!, {r4-r7}\n\t"
      "sxtb16 r2, r3\n\t"
      "sxtb16 r3, r3, ror #8\n\t"
      "smlad r8, r4, r2, r8\n\t"
      "sxtb16 r4, r4\n\t"
      "smlad r10, r5, r2, r10\n\t"
      "sxtb16 r5, r5\n\t"
      "smlad r9, r4, r2, r9\n\t"
      "smlad r11, r5, r2, r11\n\t"
      "smlad r8, r6, r3, r8\n\t"
      "sxtb16 r6, r6\n\t"
      "smlad r10, r7, r3, r10\n\t"
      "sxtb16 r7, r7\n\t"
      "smlad r9, r6, r3, r9\n\t"
      "smlad r11, r7, r3, r11\n\t"
      ".endr\n\t"
      "subs lr, lr, #1\n\t"
      "bne 1b\n"
      "2:\n\t"
      "cmp r12, #0\n\t"
      "beq 4f\n"
      "3:\n\t" /* four inputs */
      "ldr r3, [r0], #4\n\t"
      "ldmia r1!, {r4-r7}\n\t"
      "sxtb16 r2, r3\n\t"
      "sxtb16 r3, r3, ror #8\n\t"
      "smlad r8, r4, r2, r8\n\t"
      "sxtb16 r4, r4\n\t"
      "smlad r10, r5, r2, r10\n\t"
      "sxtb16 r5, r5\n\t"
      "smlad r9, r4, r2, r9\n\t"
      "smlad r11, r5, r2, r11\n\t"
      "smlad r8, r6, r3, r8\n\t"
      "sxtb16 r6, r6\n\t"
      "smlad r10, r7, r3, r10\n\t"
      "sxtb16 r7, r7\n\t"
      "smlad r9, r6, r3, r9\n\t"
      "smlad r11, r7, r3, r11\n\t"
      "subs r12, r12, #1\n\t"
      "bne 3b\n"
      "4:\n\t"
      "pop {r2}\n\t"
      "ldmia r2, {r4-r7}\n\t"
      "sub r8, r8, r9\n\t"
      "sub r10, r10, r11\n\t"
      "add r4, r4, r9\n\t"
      "add r5, r5, r8, asr #8\n\t"
      "add r6, r6, r11\n\t"
      "add r7, r7, r10, asr #8\n\t"
      "stmia r2, {r4-r7}\n\t"
      "mov r0, r1\n\t"
      "pop {r4-r11, pc}");
}

/* Adds the products of four outputs to sums. */
EDGE_INLINE const uint32_t *edge_block_sums(const int8_t *in, const uint32_t *weights, int depth, int32_t *sums) {
  for (; depth > EDGE_BLOCK_INPUTS; depth -= EDGE_BLOCK_INPUTS, in += EDGE_BLOCK_INPUTS)
    weights = edge_block_words(in, weights, sums, EDGE_BLOCK_INPUTS / 4);
  weights = edge_block_words(in, weights, sums, depth / 4);
  if (depth % 4 == 0) return weights;
  int8_t last[4] EDGE_ALIGNED(4) = {0, 0, 0, 0}; /* nothing behind the input is read */
  for (int i = 0; i < depth % 4; i++) last[i] = in[depth / 4 * 4 + i];
  return edge_block_words(last, weights, sums, 1);
}
#else
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
#endif
