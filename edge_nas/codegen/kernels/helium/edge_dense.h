typedef int8_t EdgeDenseWeight;

/* Of four channels side by side. */
typedef struct {
  int32_t bias[4], factor[4], multiplier[4], rounding[4], shift[4];
} EdgeDenseChannels;

/* Gives the sums of products of two output channels and two pixels, `distance` bytes apart: sums[4]. */
EDGE_ASSEMBLY const int8_t *edge_dense_pair(const EdgePixelCode *const *stretches, int offset, const int8_t *weights,
                                            int32_t *sums, int distance, int count, int codes) {
  __asm__ volatile(
      "push {r3-r11, lr}\n\t"
      "ldrd r5, r7, [sp, #40]\n\t" /* distance, count */
      "ldr r9, [sp, #48]\n\t"
      "movs r4, #0\n\t"
      "movs r6, #0\n\t"
      "mov r8, #0\n\t"
      "mov r10, #0\n\t"
      "mla r3, r7, r9, r2\n" /* weights of the second channel */
      "1:\n\t"
      "ldr r12, [r0], #4\n\t"
      "add r12, r12, r1\n\t"
      "add r11, r12, r5\n\t"
      "dlstp.8 lr, r9\n"
      "2:\n\t"
      "vldrb.8 q0, [r12], #16\n\t"
      "vldrb.8 q2, [r2], #16\n\t"
      "vmladava.s8 r4, q0, q2\n\t"
      "vldrb.8 q1, [r11], #16\n\t"
      "vmladava.s8 r6, q1, q2\n\t"
      "vldrb.8 q3, [r3], #16\n\t"
      "vmladava.s8 r8, q0, q3\n\t"
      "vmladava.s8 r10, q1, q3\n\t"
      "letp lr, 2b\n\t"
      "rsb lr, r9, #0\n\t" /* back from whole vectors to the row's bytes */
      "and lr, lr, #15\n\t"
      "sub r2, r2, lr\n\t"
      "sub r3, r3, lr\n\t"
      "subs r7, r7, #1\n\t"
      "bne 1b\n\t"
      "mov r0, r3\n\t"
      "pop {r3}\n\t"
      "strd r4, r6, [r3]\n\t"
      "strd r8, r10, [r3, #8]\n\t"
      "pop {r4-r11, pc}");
}

/* The same for four output channels and sums[8]. */
EDGE_INLINE const int8_t *edge_dense_block(const EdgePixelCode *const *stretches, int offset, const int8_t *weights,
                                           int32_t *sums, int distance, int count, int codes) {
  weights = edge_dense_pair(stretches, offset, weights, sums, distance, count, codes);
  return edge_dense_pair(stretches, offset, weights, sums + 4, distance, count, codes);
}
