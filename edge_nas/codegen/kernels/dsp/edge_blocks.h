/* See the portable version for the order of the weights. */
typedef uint32_t EdgeBlockWeight;

enum { EDGE_BLOCK_INPUTS = 512 };

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
      @include dsp/edge_blocks_four_inputs.inc@
      ".endr\n\t"
      "subs lr, lr, #1\n\t"
      "bne 1b\n"
      "2:\n\t"
      "cmp r12, #0\n\t"
      "beq 4f\n"
      "3:\n\t" /* four inputs */
      @include dsp/edge_blocks_four_inputs.inc@
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
