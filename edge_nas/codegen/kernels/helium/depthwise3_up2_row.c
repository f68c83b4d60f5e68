/* One channel of one row: eight outputs for every four pixels of the rows p and q, until p is `end`. */
EDGE_ASSEMBLY void @function@_row(const uint8_t *p, const uint8_t *q, const EdgeDepthwise3Up2Channel *channel,
                                  const EdgeDepthwise3Up2Weight *weights, @code@ *out, const uint8_t *end@pair_declared@) {
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      "vpush {d8-d11}\n\t"
      "ldrd r4, r5, [r2]\n\t" /* bias, multiplier */
      "ldr r2, [r2, #8]\n\t"
      "sub r2, r2, #1 << (@shift@ - 1)\n\t" /* narrowing adds it: binutils 2.40 knows no narrowing that does not */
      "vdup.32 q2, r4\n\t"
      "vdup.32 q3, r5\n\t"
      @if target pairs@
      "sub r2, r2, #128 << @shift@\n\t" /* codes */
      "movs r4, #0\n\t"
      @if pair_stride_is any@
      "ldr r5, [sp, #76]\n\t"
      "lsrs r5, r5, #2\n\t"
      @else@
      "movw r5, #@pair_stride@ / 4\n\t"
      @end@
      "vidup.u16 q5, r4, #1\n\t"
      "vmul.i16 q5, q5, r5\n\t"
      @end@
      /* Even columns: left (upper, lower), right; odd columns. */
      @if optimize speed@
      "ldmia r3, {r4-r11}\n\t"
      @else@
      "ldrsh r4, [r3, #0]\n\t"
      "ldrsh r5, [r3, #2]\n\t"
      "ldrsh r6, [r3, #4]\n\t"
      "ldrsh r7, [r3, #6]\n\t"
      "ldrsh r8, [r3, #8]\n\t"
      "ldrsh r9, [r3, #10]\n\t"
      "ldrsh r10, [r3, #12]\n\t"
      "ldrsh r11, [r3, #14]\n\t"
      @end@
      "ldrd r3, r12, [sp, #68]\n\t"
      "sub r12, r12, r0\n\t"
      "dlstp.32 lr, r12\n\t"
      @if target pairs@
      @if pair_stride_is any@
      "ldr r12, [sp, #76]\n\t"
      "lsl r12, r12, #1\n"
      @else@
      "movw r12, #2 * @pair_stride@\n"
      @end@
      @end@
      "1:\n\t"
      "vmov q0, q2\n\t"
      "vmov q1, q2\n\t"
      "vldrb.u32 q4, [r0, #1]\n\t"
      "vmla.s32 q0, q4, r6\n\t"
      "vmla.s32 q1, q4, r8\n\t"
      "vldrb.u32 q4, [r1, #1]\n\t"
      "vmla.s32 q0, q4, r7\n\t"
      "vmla.s32 q1, q4, r9\n\t"
      "vldrb.u32 q4, [r0, #2]\n\t"
      "vmla.s32 q1, q4, r10\n\t"
      "vldrb.u32 q4, [r1, #2]\n\t"
      "vmla.s32 q1, q4, r11\n\t"
      "vldrb.u32 q4, [r0], #4\n\t"
      "vmla.s32 q0, q4, r4\n\t"
      "vldrb.u32 q4, [r1], #4\n\t"
      "vmla.s32 q0, q4, r5\n\t"
      "vmulh.s32 q0, q0, q3\n\t"
      "vmulh.s32 q1, q1, q3\n\t"
      "vadd.i32 q0, q0, r2\n\t"
      "vadd.i32 q1, q1, r2\n\t"
      @if shift_in_two yes@
      "vshr.s32 q0, q0, #@shift@ - 16\n\t"
      "vshr.s32 q1, q1, #@shift@ - 16\n\t"
      @end@
      @if target planar@
      "vqrshrunb.s32 q0, q0, #@narrowing_shift@\n\t"
      "vqrshrunt.s32 q0, q1, #@narrowing_shift@\n\t"
      "vqmovnb.u16 q0, q0\n\t"
      "vstrb.16 q0, [r3], #8\n\t"
      @else@
      "vqrshrnb.s32 q0, q0, #@narrowing_shift@\n\t"
      "vqrshrnt.s32 q0, q1, #@narrowing_shift@\n\t"
      "vqmovnb.s16 q0, q0\n\t"
      "vstrb.16 q0, [r3, q5]\n\t"
      "add r3, r3, r12\n\t"
      @end@
      "letp lr, 1b\n\t"
      "vpop {d8-d11}\n\t"
      "pop {r4-r11, pc}");
}
