/* Gives the sums of products of four output channels and two pixels, @distance@ bytes apart: both pixels of a, ... Every
   stretch is `rounds` of a loop of EDGE_DENSE_UNROLLED steps of two codes, less the first `skipped` of them. */
EDGE_ASSEMBLY const uint32_t *@function@_block(const EdgePixelCode *const *stretches, int offset,
                                               const uint32_t *weights, int32_t *sums, int count, int rounds,
                                               int skipped) {
  __asm__ volatile(
      "push {r0, r1, r3, r4-r11, lr}\n\t"
      "sub sp, #8\n\t" /* rounds left, entry; then stretches, offset, sums at 8, 12, 16; count, rounds, skipped from 56 */
      "mov r1, r2\n\t"
      "ldr r3, [sp, #64]\n\t"
      "mov r2, #52\n\t" /* bytes of a step */
      "adr.w r12, 2f\n\t"
      "mla r3, r3, r2, r12\n\t"
      "orr r3, r3, #1\n\t"
      "str r3, [sp, #4]\n\t"
      "mov r4, #0\n\t"  /* a: sums of the first and of the second pixel */
      "mov r5, #0\n\t"
      "mov r6, #0\n\t"  /* ab */
      "mov r7, #0\n\t"
      "mov r8, #0\n\t"  /* c */
      "mov r9, #0\n\t"
      "mov r10, #0\n\t" /* cd */
      "mov r11, #0\n"
      "1:\n\t" /* a stretch */
      "ldrd r2, r3, [sp, #8]\n\t"
      "ldr r0, [r2], #4\n\t"
      "str r2, [sp, #8]\n\t"
      "add r0, r0, r3\n\t"
      "ldr r3, [sp, #60]\n\t"
      "ldr r2, [sp, #4]\n\t"
      "str r3, [sp]\n\t"
      "bx r2\n\t"
      ".balign 4\n"
      "2:\n\t"
      ".rept 12\n\t"
      "ldrd r12, lr, [r1], #8\n\t"
      "ldr.w r3, [r0, #@distance@]\n\t"
      "ldr.w r2, [r0], #4\n\t"
      "smlad r6, r12, r2, r6\n\t"
      "smlad r7, r12, r3, r7\n\t"
      "sxtb16.w r12, r12\n\t"
      "smlad r10, lr, r2, r10\n\t"
      "smlad r11, lr, r3, r11\n\t"
      "sxtb16.w lr, lr\n\t"
      "smlad r4, r12, r2, r4\n\t"
      "smlad r5, r12, r3, r5\n\t"
      "smlad r8, lr, r2, r8\n\t"
      "smlad r9, lr, r3, r9\n\t"
      ".endr\n\t"
      "ldr r2, [sp]\n\t"
      "subs r2, r2, #1\n\t"
      "str r2, [sp]\n\t"
      "bne 2b\n\t"
      "ldr r2, [sp, #56]\n\t"
      "subs r2, r2, #1\n\t"
      "str r2, [sp, #56]\n\t"
      "bne 1b\n\t"
      "sub r6, r6, r4\n\t"
      "asr r6, r6, #8\n\t"
      "sub r7, r7, r5\n\t"
      "asr r7, r7, #8\n\t"
      "sub r10, r10, r8\n\t"
      "asr r10, r10, #8\n\t"
      "sub r11, r11, r9\n\t"
      "asr r11, r11, #8\n\t"
      "ldr r3, [sp, #16]\n\t"
      "stmia r3, {r4-r11}\n\t"
      "mov r0, r1\n\t"
      "add sp, #20\n\t"
      "pop {r4-r11, pc}");
}

@include dense_code.inc@

@short_kernel@ void @function@(const EdgeDense *s, int y) {
  @include dense_stretches.inc@
  const int codes = s->codes;
  const int rounds = (codes + 2 * EDGE_DENSE_UNROLLED - 1) / (2 * EDGE_DENSE_UNROLLED);
  const int skipped = rounds * EDGE_DENSE_UNROLLED - (codes + 1) / 2;
  uint8_t *const row = edge_row(out, y);
  int offset = (in->left - s->pad_left) * in->channels;
  for (int x = 0; x < out->width; x += 2, offset += 2 * distance) {
    const EdgeDenseChannels *k = s->channels;
    const EdgeDenseWeight *weights = s->weights;
    const int two = x + 1 < out->width;
    @if target planar@
    uint8_t *o = row + out->left + x;
    const int next = 1, channel_stride = out->stride;
    @else@
    uint8_t *o = row + x * out->channels;
    const int next = out->channels, channel_stride = 1;
    @end@
    for (int left = out->channels; left > 0; left -= 4) {
      int32_t sums[8];
      weights = @function@_block(stretches, 2 * offset, weights, sums, count, rounds, skipped);
      const int32_t *sum = sums;
      for (int i = edge_min(left, 4); i > 0; i--, o += channel_stride, k++, sum += 2) {
        const EdgeDenseChannels channel = *k; /* for all the compiler knows, `o` may be a part of `k` */
        const uint8_t first = @function@_code(s, sum[0], &channel), second = @function@_code(s, sum[1], &channel);
        o[0] = first;
        if (two) o[next] = second;
      }
    }
  }
  @if target planar@
  edge_border(out, y);
  @end@
}
