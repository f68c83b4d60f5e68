enum { @function@_outputs = 1 }; /* per unit of `count` */

/* All channels of one row, four outputs at a time, from input rows p, q and r. Behind the last four, the next plane's
   pixels are `skip` bytes on.
   @if target planar@
   From one plane of the output to the next it is `stride` bytes.
   @end@
   The stack: the next channel; 4 bytes unused; d8 to d15, r4 to r11 and lr of the caller; from 108 on the arguments out,
   width, channels, skip and one more. Out and channels go on with the channels. */
EDGE_ASSEMBLY void @function@_rows(
    const uint8_t *p, const uint8_t *q, const uint8_t *r, const EdgeDepthwise3Channel *channel, @code@ *out, int width,
    @if target planar@
    int channels, int skip, int stride) {
    @else@
    int channels, int skip@pair_declared@) {
    @end@
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      "vpush {d8-d15}\n\t"
      "sub sp, sp, #8\n\t"
      @if pair_stride_is any@
      "ldr r5, [sp, #124]\n\t"
      "vdup.32 q7, r5\n\t"
      @else@
      @if target pairs@
      "movs r4, #0\n\t"
      "movw r5, #@pair_stride@ / 4\n\t"
      "vidup.u32 q5, r4, #1\n\t"
      "vmul.i32 q5, q5, r5\n"
      @end@
      @end@
      "3:\n\t"
      @if pair_stride_is any@
      "movs r4, #0\n\t"
      "ldr r5, [sp, #124]\n\t"
      "lsrs r5, r5, #2\n\t"
      "vidup.u32 q5, r4, #1\n\t"
      "vmul.i32 q5, q5, r5\n\t"
      @end@
      @if optimize speed@
      "ldrd r4, r5, [r3, #40]\n\t" /* bias, multiplier; behind weights of 32 bits */
      "ldr r6, [r3, #48]\n\t"
      @else@
      "ldrd r4, r5, [r3, #20]\n\t" /* bias, multiplier; behind weights of 16 bits */
      "ldr r6, [r3, #28]\n\t"
      @end@
      "sub r6, r6, #1 << (@shift@ - 1)\n\t" /* narrowing adds it: binutils 2.40 knows no narrowing that does not */
      @if target pairs@
      "sub r6, r6, #128 << @shift@\n\t" /* codes */
      @end@
      "vdup.32 q2, r4\n\t"
      "vdup.32 q3, r5\n\t"
      "vdup.32 q4, r6\n\t"
      /* Left and right taps of each row, middle taps. */
      @if optimize speed@
      "ldmia r3, {r4-r12}\n\t"
      "add r3, r3, #52\n\t"
      @else@
      "ldrsh r4, [r3, #0]\n\t"
      "ldrsh r5, [r3, #2]\n\t"
      "ldrsh r6, [r3, #4]\n\t"
      "ldrsh r7, [r3, #6]\n\t"
      "ldrsh r8, [r3, #8]\n\t"
      "ldrsh r9, [r3, #10]\n\t"
      "ldrsh r10, [r3, #12]\n\t"
      "ldrsh r11, [r3, #14]\n\t"
      "ldrsh r12, [r3, #16]\n\t"
      "add r3, r3, #32\n\t"
      @end@
      "str r3, [sp]\n\t"
      "ldrd r3, lr, [sp, #108]\n\t"
      "dlstp.32 lr, lr\n"
      "1:\n\t"
      "vmov q0, q2\n\t"
      @if stride s1@
      "vldrb.u32 q1, [r0, #1]\n\t"
      "vmla.s32 q0, q1, r10\n\t"
      "vldrb.u32 q1, [r0, #2]\n\t"
      "vmla.s32 q0, q1, r5\n\t"
      "vldrb.u32 q1, [r0], #4\n\t"
      "vmla.s32 q0, q1, r4\n\t"
      "vldrb.u32 q1, [r1, #1]\n\t"
      "vmla.s32 q0, q1, r11\n\t"
      "vldrb.u32 q1, [r1, #2]\n\t"
      "vmla.s32 q0, q1, r7\n\t"
      "vldrb.u32 q1, [r1], #4\n\t"
      "vmla.s32 q0, q1, r6\n\t"
      "vldrb.u32 q1, [r2, #1]\n\t"
      "vmla.s32 q0, q1, r12\n\t"
      "vldrb.u32 q1, [r2, #2]\n\t"
      "vmla.s32 q0, q1, r9\n\t"
      "vldrb.u32 q1, [r2], #4\n\t"
      "vmla.s32 q0, q1, r8\n\t"
      @else@
      "vldrb.u16 q1, [r0, #2]\n\t"
      "vmovlb.u16 q6, q1\n\t"
      "vmla.s32 q0, q6, r5\n\t"
      "vldrb.u16 q1, [r0], #8\n\t"
      "vmovlb.u16 q6, q1\n\t"
      "vmla.s32 q0, q6, r4\n\t"
      "vmovlt.u16 q6, q1\n\t"
      "vmla.s32 q0, q6, r10\n\t"
      "vldrb.u16 q1, [r1, #2]\n\t"
      "vmovlb.u16 q6, q1\n\t"
      "vmla.s32 q0, q6, r7\n\t"
      "vldrb.u16 q1, [r1], #8\n\t"
      "vmovlb.u16 q6, q1\n\t"
      "vmla.s32 q0, q6, r6\n\t"
      "vmovlt.u16 q6, q1\n\t"
      "vmla.s32 q0, q6, r11\n\t"
      "vldrb.u16 q1, [r2, #2]\n\t"
      "vmovlb.u16 q6, q1\n\t"
      "vmla.s32 q0, q6, r9\n\t"
      "vldrb.u16 q1, [r2], #8\n\t"
      "vmovlb.u16 q6, q1\n\t"
      "vmla.s32 q0, q6, r8\n\t"
      "vmovlt.u16 q6, q1\n\t"
      "vmla.s32 q0, q6, r12\n\t"
      @end@
      "vmulh.s32 q0, q0, q3\n\t"
      "vadd.i32 q0, q0, q4\n\t"
      @if shift_in_two yes@
      "vshr.s32 q0, q0, #@shift@ - 16\n\t"
      @end@
      @if target planar@
      "vqrshrunb.s32 q0, q0, #@narrowing_shift@\n\t"
      "vqmovnb.u16 q0, q0\n\t"
      "vstrb.32 q0, [r3], #4\n\t"
      @else@
      "vqrshrnb.s32 q0, q0, #@narrowing_shift@\n\t"
      "vqmovnb.s16 q0, q0\n\t"
      "vstrb.32 q0, [r3, q5]\n\t"
      @if pair_stride_is any@
      "vadd.i32 q5, q5, q7\n\t"
      @else@
      "add r3, r3, #@pair_stride@\n\t"
      @end@
      @end@
      "letp lr, 1b\n\t"
      "ldrd r4, r5, [sp, #116]\n\t" /* channels, skip */
      "ldr r6, [sp, #108]\n\t"
      @if target planar@
      "ldr r7, [sp, #124]\n\t"
      "add r6, r6, r7\n\t"
      @else@
      "adds r6, r6, #1\n\t"
      @end@
      "str r6, [sp, #108]\n\t"
      "add r0, r0, r5\n\t"
      "add r1, r1, r5\n\t"
      "add r2, r2, r5\n\t"
      "ldr r3, [sp]\n\t"
      "subs r4, r4, #1\n\t"
      "str r4, [sp, #116]\n\t"
      "bne 3b\n\t"
      "add sp, sp, #8\n\t"
      "vpop {d8-d15}\n\t"
      "pop {r4-r11, pc}");
}
