/* One channel of one row: four outputs for every two pixels of the rows p and q, until p is `end`. */
EDGE_ASSEMBLY void @function@_row(const uint8_t *p, const uint8_t *q, const EdgeDepthwise3Up2Channel *channel,
                                  const int16_t *weights, @code@ *out, const uint8_t *end@pair_declared@) {
  __asm__ volatile(
      /* Columns a and b, and two new ones as c and d; four outputs. */
      ".macro edge_four a, b, c, d\n\t"
      "ldrh \\c, [r0], #2\n\t"
      "ldrh \\d, [r1], #2\n\t"
      "smlad \\a, \\a, r4, r8\n\t"
      "smlad \\a, \\b, r5, \\a\n\t"
      "pkhbt \\d, \\c, \\d, lsl #16\n\t"
      "uxtb16 \\c, \\d\n\t"
      "smmla \\a, \\a, r9, r10\n\t"
      "uxtb16 \\d, \\d, ror #8\n\t"
      "usat \\a, #8, \\a, asr #@shift@\n\t"
      @if target planar@
      "strb \\a, [r3], #4\n\t"
      @else@
      "strh \\a, [r3, #-4]\n\t"
      @end@
      "smlad \\a, \\b, r6, r8\n\t"
      "smlad \\b, \\b, r4, r8\n\t"
      "smlad \\a, \\c, r7, \\a\n\t"
      "smlad \\b, \\c, r5, \\b\n\t"
      "smmla \\a, \\a, r9, r10\n\t"
      "smmla \\b, \\b, r9, r10\n\t"
      "usat \\a, #8, \\a, asr #@shift@\n\t"
      "usat \\b, #8, \\b, asr #@shift@\n\t"
      @if target planar@
      "strb \\a, [r3, #-3]\n\t"
      "strb \\b, [r3, #-2]\n\t"
      @else@
      @include dsp/depthwise3_up2_store_q.inc@
      "strh \\b, [r3, #-4]\n\t"
      @end@
      "smlad \\a, \\c, r6, r8\n\t"
      "smlad \\a, \\d, r7, \\a\n\t"
      "smmla \\a, \\a, r9, r10\n\t"
      "usat \\a, #8, \\a, asr #@shift@\n\t"
      @if target planar@
      "strb \\a, [r3, #-1]\n\t"
      @else@
      @include dsp/depthwise3_up2_store_q.inc@
      @end@
      ".endm\n\t"
      "push {r4-r11, lr}\n\t"
      "ldmia r2, {r8-r10}\n\t" /* bias, multiplier, rounding */
      "ldmia r3, {r4-r7}\n\t"
      "ldrd r3, r2, [sp, #36]\n\t"
      "adds r2, r2, #2\n\t"
      "push {r2}\n\t"
      @if target pairs@
      "adds r3, r3, #4\n\t" /* at q of two pixels p and q: p is stored 4 bytes before it, q moves it to the next two */
      @end@
      /* A column: its pixel of p, that of q above it in the word. Two at a time. */
      "ldrh r12, [r0], #2\n\t"
      "ldrh lr, [r1], #2\n\t"
      "pkhbt lr, r12, lr, lsl #16\n\t"
      "uxtb16 r12, lr\n\t"
      "uxtb16 lr, lr, ror #8\n\t"
      @if copies 2@
      "subs r2, r2, r0\n\t"
      "tst r2, #2\n\t"
      "bne 2f\n\t"
      @end@
      "mov r2, r12\n\t"
      "mov r11, lr\n"
      "1:\n\t"
      "edge_four r2, r11, r12, lr\n"
      @if copies 2@
      "2:\n\t"
      "edge_four r12, lr, r2, r11\n\t"
      @else@
      "mov r2, r12\n\t"
      "mov r11, lr\n\t"
      @end@
      "ldr r12, [sp]\n\t"
      "cmp r0, r12\n\t"
      "bne 1b\n\t"
      ".purgem edge_four\n\t"
      "add sp, sp, #4\n\t"
      "pop {r4-r11, pc}");
}
