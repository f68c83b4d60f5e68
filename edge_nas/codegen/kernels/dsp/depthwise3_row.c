enum { @function@_outputs = 2 }; /* per unit of `count` */

/* All channels of one row: of each, some times two outputs, from input rows p, q and r. Behind a plane's pixels, the
   next plane's are `skip` bytes on.
   @if target planar@
   From one plane of the output to the next it is `stride` bytes.
   @end@
   The stack, and what lies above it:

      0    multiplier, rounding of the channel
      8    the next channel
     @if target pairs@
     12    bytes to the next channel's codes: 2, or 6 behind the second of two
     @end@
     16    r4 to r11, lr of the caller
     52    the arguments out, rounds, channels, skip and one more; out and channels go on with the channels

   @if copies 2@
   Rounds: how many, of four outputs each, follow on the first, << 17; 1 more where that has two outputs alone. */
   @else@
   Rounds: how many, of two outputs each, follow on the first, << 16. */
   @end@
EDGE_ASSEMBLY void @function@_rows(
    const uint8_t *p, const uint8_t *q, const uint8_t *r, const EdgeDepthwise3Channel *channel, @code@ *out, int rounds,
    @if target planar@
    int channels, int skip, int stride) {
    @else@
    int channels, int skip@pair_declared@) {
    @end@
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      "sub sp, sp, #16\n\t"
      @if target pairs@
      "mov r4, #2\n\t"
      "str r4, [sp, #12]\n"
      @end@
      "3:\n\t"
      "ldmia r3!, {r4-r8}\n\t" /* weights: left and right taps of each row, middle taps */
      "ldmia r3!, {r10-r12}\n\t" /* bias, multiplier, rounding */
      "strd r11, r12, [sp]\n\t"
      "str r3, [sp, #8]\n\t"
      "ldrd r3, r12, [sp, #52]\n\t"
      @if copies 2@
      "lsrs r12, r12, #1\n\t"
      @end@
      "orr r8, r8, r12\n\t" /* r8: the last weight | counter << 16, down to -1 */
      @if copies 2@
      "bcs 2f\n"
      @end@
      "1:\n\t"
      ".rept @copies@\n\t"
      "ldr r9, [r0], #@advance@\n\t"
      "uxtb16 r12, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad r11, r9, r4, r10\n\t"
      "smlabb r11, r12, r7, r11\n\t"
      @if stride s1@
      "smlad lr, r12, r4, r10\n\t"
      "smlatb lr, r9, r7, lr\n\t"
      @end@
      "ldr r9, [r1], #@advance@\n\t"
      "uxtb16 r12, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad r11, r9, r5, r11\n\t"
      "smlabt r11, r12, r7, r11\n\t"
      @if stride s1@
      "smlad lr, r12, r5, lr\n\t"
      "smlatt lr, r9, r7, lr\n\t"
      @end@
      "ldr r9, [r2], #@advance@\n\t"
      "uxtb16 r12, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad r11, r9, r6, r11\n\t"
      "smlabb r11, r12, r8, r11\n\t"
      @if stride s1@
      "smlad lr, r12, r6, lr\n\t"
      "smlatb lr, r9, r8, lr\n\t"
      @else@
      "ldr r9, [r0], #@advance@\n\t"
      "uxtb16 r12, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad lr, r9, r4, r10\n\t"
      "smlabb lr, r12, r7, lr\n\t"
      "ldr r9, [r1], #@advance@\n\t"
      "uxtb16 r12, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad lr, r9, r5, lr\n\t"
      "smlabt lr, r12, r7, lr\n\t"
      "ldr r9, [r2], #@advance@\n\t"
      "uxtb16 r12, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad lr, r9, r6, lr\n\t"
      "smlabb lr, r12, r8, lr\n\t"
      @end@
      "ldrd r9, r12, [sp]\n\t"
      "smmla r11, r11, r9, r12\n\t"
      "smmla lr, lr, r9, r12\n\t"
      "usat r11, #8, r11, asr #@shift@\n\t"
      "usat lr, #8, lr, asr #@shift@\n\t"
      @if target planar@
      "strb lr, [r3, #1]\n\t"
      "strb r11, [r3], #2\n\t"
      @else@
      "strh lr, [r3, #4]\n\t"
      @if pair_stride_is near@
      "strh r11, [r3], #@pair_stride@\n\t"
      @end@
      @if pair_stride_is far@
      "strh r11, [r3]\n\t"
      "add r3, r3, #@pair_stride@\n\t"
      @end@
      @if pair_stride_is any@
      "strh r11, [r3]\n\t"
      "ldr r9, [sp, #68]\n\t"
      "add r3, r3, r9\n\t"
      @end@
      @end@
      "2:\n\t"
      ".endr\n\t"
      "subs r8, r8, #0x10000\n\t"
      "bpl 1b\n\t"
      "ldrd r9, r10, [sp, #60]\n\t" /* channels, skip */
      "ldr r11, [sp, #52]\n\t"
      @if target planar@
      "ldr r12, [sp, #68]\n\t"
      "add r11, r11, r12\n\t"
      @else@
      "ldr r12, [sp, #12]\n\t"
      "add r11, r11, r12\n\t"
      "rsb r12, r12, #8\n\t"
      "str r12, [sp, #12]\n\t"
      @end@
      "str r11, [sp, #52]\n\t"
      "add r0, r0, r10\n\t"
      "add r1, r1, r10\n\t"
      "add r2, r2, r10\n\t"
      "ldr r3, [sp, #8]\n\t"
      "subs r9, r9, #1\n\t"
      "str r9, [sp, #60]\n\t"
      "bne 3b\n\t"
      "add sp, sp, #16\n\t"
      "pop {r4-r11, pc}");
}
