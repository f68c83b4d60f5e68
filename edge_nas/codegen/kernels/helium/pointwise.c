/* One output channel of a row: sums of bytes, eight pixels at a time where these have up to 16 bytes, else four; then
   the sums are rescaled as vectors. `stride`: from one output pixel to the next. */
EDGE_ASSEMBLY void @function@_row(const uint8_t *in, const int8_t *weights, const int32_t *header, uint8_t *out,
                                  int width, int stride, int low, int high) {
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      "vpush {d8-d15}\n\t" /* width, stride, low, high at 100, 104, 108, 112 */
      @if target planar@
      @else@
      "ldr r4, [sp, #104]\n\t"
      "movs r6, #0\n\t"
      ".if @pairs@ > 8\n\t"
      "vidup.u32 q7, r6, #1\n\t"
      "vmul.i32 q7, q7, r4\n\t"
      ".else\n\t"
      "vidup.u16 q7, r6, #1\n\t"
      "vmul.i16 q7, q7, r4\n\t"
      ".endif\n\t"
      @end@

      ".if @pairs@ > 8\n\t"
      "ldm r2, {r11, r12, lr}\n\t" /* bias, multiplier, -shift */
      @if rounding linear@
      "ldr r4, [r2, #12]\n\t"
      "vdup.32 q6, r4\n\t"
      @end@
      "ldr r2, [sp, #100]\n\t"
      "movw r4, #2 * @pairs@\n\t"
      "add r5, r0, r4\n\t"
      "add r7, r5, r4\n\t"
      "add r9, r7, r4\n"
      "1:\n\t"
      "vldrb.8 q2, [r1], #16\n\t"
      "vldrb.8 q0, [r0], #16\n\t"
      "vmladav.s8 r4, q0, q2\n\t"
      "vldrb.8 q0, [r5], #16\n\t"
      "vmladav.s8 r6, q0, q2\n\t"
      "vldrb.8 q0, [r7], #16\n\t"
      "vmladav.s8 r8, q0, q2\n\t"
      "vldrb.8 q0, [r9], #16\n\t"
      "vmladav.s8 r10, q0, q2\n\t"
      ".rept (@pairs@ + 7) / 8 - 1\n\t"
      "vldrb.8 q2, [r1], #16\n\t"
      "vldrb.8 q0, [r0], #16\n\t"
      "vmladava.s8 r4, q0, q2\n\t"
      "vldrb.8 q0, [r5], #16\n\t"
      "vmladava.s8 r6, q0, q2\n\t"
      "vldrb.8 q0, [r7], #16\n\t"
      "vmladava.s8 r8, q0, q2\n\t"
      "vldrb.8 q0, [r9], #16\n\t"
      "vmladava.s8 r10, q0, q2\n\t"
      ".endr\n\t"
      "vmov q1[2], q1[0], r4, r8\n\t"
      "vmov q1[3], q1[1], r6, r10\n\t"
      "movw r4, #16 * ((@pairs@ + 7) / 8)\n\t"
      "sub r1, r1, r4\n\t"
      "rsb r4, r4, #8 * @pairs@\n\t"
      "add r0, r0, r4\n\t"
      "add r5, r5, r4\n\t"
      "add r7, r7, r4\n\t"
      "add r9, r9, r4\n\t"
      "vadd.i32 q1, q1, r11\n\t"
      "vqrdmulh.s32 q1, q1, r12\n\t"
      @if rounding linear@
      "vshr.s32 q0, q1, #31\n\t"
      "vadd.i32 q1, q1, q0\n\t"
      @end@
      "vrshl.s32 q1, lr\n\t"
      @if rounding linear@
      "vadd.i32 q1, q1, q6\n\t"
      @end@
      "vqmovunb.s32 q1, q1\n\t"
      "vqmovnb.u16 q1, q1\n\t"

      ".else\n\t"
      @if rounding linear@
      "ldm r2, {r5, r7, r9, r11}\n\t" /* bias, multiplier, -shift, zero */
      @else@
      "ldm r2, {r5, r7, r9}\n\t" /* bias, multiplier, -shift */
      @end@
      "mov r12, #2 * @pairs@\n\t"
      "vctp.8 r12\n\t"
      "vpst\n\t"
      "vldrbt.8 q2, [r1]\n\t"
      ".if @pairs@ <= 4\n\t" /* the same weights farther up, for all the pixels that one load brings */
      "movs r12, #0\n\t"
      "vmov q3, q2\n\t"
      "vshlc q3, r12, #8 * @pairs@\n\t"
      "vshlc q3, r12, #8 * @pairs@\n\t"
      ".endif\n\t"
      ".if @pairs@ <= 2\n\t"
      "vmov q4, q3\n\t"
      "vshlc q4, r12, #16 * @pairs@\n\t"
      "vmov q5, q4\n\t"
      "vshlc q5, r12, #16 * @pairs@\n\t"
      ".endif\n\t"
      "ldr r1, [sp, #100]\n\t"
      "add lr, r1, #7\n\t"
      "lsr lr, lr, #3\n\t"
      "dls lr, lr\n"
      "1:\n\t"
      ".if @pairs@ <= 2\n\t"
      "vldrb.8 q0, [r0]\n\t"
      "vmladav.s8 r4, q0, q2\n\t"
      "vmladav.s8 r6, q0, q3\n\t"
      "vmladav.s8 r8, q0, q4\n\t"
      "vmladav.s8 r10, q0, q5\n\t"
      "vldrb.8 q0, [r0, #4 * 2 * @pairs@]\n\t"
      "vmladav.s8 r2, q0, q2\n\t"
      "vmov q1[2], q1[0], r4, r2\n\t"
      "vmladav.s8 r12, q0, q3\n\t"
      "vmov q6[2], q6[0], r6, r12\n\t"
      "vmladav.s8 r2, q0, q4\n\t"
      "vmov q1[3], q1[1], r8, r2\n\t"
      "vmladav.s8 r12, q0, q5\n\t"
      "vmov q6[3], q6[1], r10, r12\n\t"
      ".elseif @pairs@ <= 4\n\t"
      "vldrb.8 q0, [r0]\n\t"
      "vmladav.s8 r4, q0, q2\n\t"
      "vmladav.s8 r6, q0, q3\n\t"
      "vldrb.8 q0, [r0, #2 * 2 * @pairs@]\n\t"
      "vmladav.s8 r8, q0, q2\n\t"
      "vmladav.s8 r10, q0, q3\n\t"
      "vldrb.8 q0, [r0, #4 * 2 * @pairs@]\n\t"
      "vmladav.s8 r2, q0, q2\n\t"
      "vmov q1[2], q1[0], r4, r2\n\t"
      "vmladav.s8 r12, q0, q3\n\t"
      "vmov q6[2], q6[0], r6, r12\n\t"
      "vldrb.8 q0, [r0, #6 * 2 * @pairs@]\n\t"
      "vmladav.s8 r2, q0, q2\n\t"
      "vmov q1[3], q1[1], r8, r2\n\t"
      "vmladav.s8 r12, q0, q3\n\t"
      "vmov q6[3], q6[1], r10, r12\n\t"
      ".else\n\t"
      "vldrb.8 q0, [r0]\n\t"
      "vmladav.s8 r4, q0, q2\n\t"
      "vldrb.8 q0, [r0, #1 * 2 * @pairs@]\n\t"
      "vmladav.s8 r6, q0, q2\n\t"
      "vldrb.8 q0, [r0, #2 * 2 * @pairs@]\n\t"
      "vmladav.s8 r8, q0, q2\n\t"
      "vldrb.8 q0, [r0, #3 * 2 * @pairs@]\n\t"
      "vmladav.s8 r10, q0, q2\n\t"
      "vldrb.8 q0, [r0, #4 * 2 * @pairs@]\n\t"
      "vmladav.s8 r2, q0, q2\n\t"
      "vmov q1[2], q1[0], r4, r2\n\t"
      "vldrb.8 q0, [r0, #5 * 2 * @pairs@]\n\t"
      "vmladav.s8 r12, q0, q2\n\t"
      "vmov q6[2], q6[0], r6, r12\n\t"
      "vldrb.8 q0, [r0, #6 * 2 * @pairs@]\n\t"
      "vmladav.s8 r2, q0, q2\n\t"
      "vmov q1[3], q1[1], r8, r2\n\t"
      "vldrb.8 q0, [r0, #7 * 2 * @pairs@]\n\t"
      "vmladav.s8 r12, q0, q2\n\t"
      "vmov q6[3], q6[1], r10, r12\n\t"
      ".endif\n\t"
      "add r0, r0, #16 * @pairs@\n\t"
      "vadd.i32 q1, q1, r5\n\t"
      "vadd.i32 q6, q6, r5\n\t"
      "vqrdmulh.s32 q1, q1, r7\n\t"
      "vqrdmulh.s32 q6, q6, r7\n\t"
      @if rounding linear@
      "vshr.s32 q0, q1, #31\n\t"
      "vadd.i32 q1, q1, q0\n\t"
      "vshr.s32 q0, q6, #31\n\t"
      "vadd.i32 q6, q6, q0\n\t"
      @end@
      "vrshl.s32 q1, r9\n\t"
      "vrshl.s32 q6, r9\n\t"
      @if rounding linear@
      "vadd.i32 q1, q1, r11\n\t"
      "vadd.i32 q6, q6, r11\n\t"
      @end@
      "vqmovunb.s32 q1, q1\n\t"
      "vqmovunt.s32 q1, q6\n\t"
      "vqmovnb.u16 q1, q1\n\t"
      ".endif\n\t"

      @if rounding linear@
      "ldr r4, [sp, #108]\n\t"
      "vdup.8 q0, r4\n\t"
      "vmax.u8 q1, q1, q0\n\t"
      "ldr r4, [sp, #112]\n\t"
      "vdup.8 q0, r4\n\t"
      "vmin.u8 q1, q1, q0\n\t"
      @end@
      @if target planar@
      @else@
      "movs r4, #128\n\t" /* codes */
      "vadd.i8 q1, q1, r4\n\t"
      "ldr r4, [sp, #104]\n\t"
      @end@
      ".if @pairs@ > 8\n\t"
      "vctp.32 r2\n\t"
      "vpst\n\t"
      @if target planar@
      "vstrbt.32 q1, [r3], #4\n\t"
      @else@
      "vstrbt.32 q1, [r3, q7]\n\t"
      "add r3, r3, r4, lsl #2\n\t"
      @end@
      "subs r2, r2, #4\n\t"
      "bgt 1b\n\t"
      ".else\n\t"
      "vctp.16 r1\n\t"
      "subs r1, r1, #8\n\t"
      "vpst\n\t"
      @if target planar@
      "vstrbt.16 q1, [r3], #8\n\t"
      @else@
      "vstrbt.16 q1, [r3, q7]\n\t"
      "add r3, r3, r4, lsl #3\n\t"
      @end@
      "le lr, 1b\n\t"
      ".endif\n\t"
      "vpop {d8-d15}\n\t"
      "pop {r4-r11, pc}");
}

EDGE_KERNEL void @function@(const EdgePointwise *s, int y) {
  enum { constants = @helium_constants@, weights_bytes = @pairs@ > 8 ? (2 * @pairs@ + 15) / 16 * 16 : 2 * @pairs@ };
  const EdgeImage *const out = s->output;
  const uint8_t *const in = edge_row(s->input, y);
  uint8_t *const row = edge_row(out, y);
  const int32_t *header = s->headers;
  const int8_t *weights = s->weights;
  for (int c = 0; c < out->channels; c++, header += constants, weights += weights_bytes) {
    @if target planar@
    @function@_row(in, weights, header, row + c * out->stride + out->left, out->width, 1, s->low, s->high);
    @end@
    @if target pairs@
    @function@_row(in, weights, header, row + c, out->width, out->stride / 4, s->low, s->high);
    @end@
    @if target flat@
    @function@_row(in, weights, header, row + c, out->width, out->channels, s->low, s->high);
    @end@
  }
  @if target planar@
  edge_border(out, y);
  @end@
}
