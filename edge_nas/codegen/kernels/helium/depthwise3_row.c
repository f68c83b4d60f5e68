enum { @function@_outputs = 1 }; /* per unit of `count` */

/* One channel of one row, four outputs at a time, from input rows p, q and r. */
EDGE_ASSEMBLY void @function@_row(const uint8_t *p, const uint8_t *q, const uint8_t *r,
                                  const EdgeDepthwise3Channel *channel, @code@ *out, int width@pair_declared@) {
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      "vpush {d8-d15}\n\t" /* out, width, step at 100, 104, 108 */
      "ldrd r4, r5, [r3, #40]\n\t" /* bias, multiplier */
      "ldr r6, [r3, #48]\n\t"
      "sub r6, r6, #1 << (@shift@ - 1)\n\t" /* narrowing adds it: binutils 2.40 knows no narrowing that does not */
      "vdup.32 q2, r4\n\t"
      "vdup.32 q3, r5\n\t"
      @if target pairs@
      "sub r6, r6, #128 << @shift@\n\t" /* codes */
      "movs r4, #0\n\t"
      @if pair_stride_is any@
      "ldr r5, [sp, #108]\n\t"
      "vdup.32 q7, r5\n\t"
      "lsrs r5, r5, #2\n\t"
      @else@
      "movw r5, #@pair_stride@ / 4\n\t"
      @end@
      "vidup.u32 q5, r4, #1\n\t"
      "vmul.i32 q5, q5, r5\n\t"
      @end@
      "vdup.32 q4, r6\n\t"
      "ldr lr, [sp, #104]\n\t"
      "ldmia r3, {r4-r12}\n\t" /* left and right taps of each row, middle taps */
      "dlstp.32 lr, lr\n\t"
      "ldr r3, [sp, #100]\n"
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
      "vpop {d8-d15}\n\t"
      "pop {r4-r11, pc}");
}
