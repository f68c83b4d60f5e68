/* RESIZE_NEAREST_NEIGHBOR by 2 and DEPTHWISE_CONV_2D of 3 x 3 taps in one: of the nine taps, those that meet the same
   small pixel are summed beforehand, so that 2 x 2 remain and the large image never exists. Which are summed depends
   on whether the output's row and column are even. */
typedef struct {
  int32_t bias, multiplier, rounding;
  int16_t weights[2][8]; /* even and odd rows: even columns left (upper, lower), right; odd columns left, right */
} EdgeDepthwise3Up2Channel;

typedef struct {
  const EdgeImage *input, *output;
  const EdgeDepthwise3Up2Channel *channels;
} EdgeDepthwise3Up2;
/* function */
@if target pairs@
#define EDGE_CODE EdgePairCode
@else@
#define EDGE_CODE uint8_t
@end@
@include helium/depthwise3_up2.c@
#elif EDGE_DSP
/* One channel of one row: four outputs for every two pixels of the rows p and q, until p is `end`. */
EDGE_ASSEMBLY void @function@_row(const uint8_t *p, const uint8_t *q, const EdgeDepthwise3Up2Channel *channel,
                                  const int16_t *weights, EDGE_CODE *out, const uint8_t *end@step_declared@) {
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
      @if reach near@
      "strh \\a, [r3], #@step@\n\t"
      @end@
      @if reach far@
      "strh \\a, [r3]\n\t"
      "add r3, r3, #@step@\n\t"
      @end@
      @if reach any@
      "strh \\a, [r3]\n\t"
      "ldr \\a, [sp, #48]\n\t"
      "add r3, r3, \\a\n\t"
      @end@
      "strh \\b, [r3, #-4]\n\t"
      @end@
      "smlad \\a, \\c, r6, r8\n\t"
      "smlad \\a, \\d, r7, \\a\n\t"
      "smmla \\a, \\a, r9, r10\n\t"
      "usat \\a, #8, \\a, asr #@shift@\n\t"
      @if target planar@
      "strb \\a, [r3, #-1]\n\t"
      @else@
      @if reach near@
      "strh \\a, [r3], #@step@\n\t"
      @end@
      @if reach far@
      "strh \\a, [r3]\n\t"
      "add r3, r3, #@step@\n\t"
      @end@
      @if reach any@
      "strh \\a, [r3]\n\t"
      "ldr \\a, [sp, #48]\n\t"
      "add r3, r3, \\a\n\t"
      @end@
      @end@
      ".endm\n\t"
      "push {r4-r11, lr}\n\t"
      "ldmia r2, {r8-r10}\n\t" /* bias, multiplier, rounding */
      "ldmia r3, {r4-r7}\n\t"
      "ldrd r3, r2, [sp, #36]\n\t"
      "adds r2, r2, #2\n\t"
      "push {r2}\n\t"
      @if target pairs@
      "adds r3, r3, #4\n\t" /* a store that moves it is to be the second of a pixel */
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
#else
/* Every second output of one channel of one row. */
EDGE_INLINE void @function@_half(const uint8_t *p, const uint8_t *q, const EdgeDepthwise3Up2Channel *channel,
                                 const int16_t *weights, EDGE_CODE *out, const uint8_t *end@step_declared@) {
  const int32_t bias = channel->bias, multiplier = channel->multiplier, rounding = channel->rounding;
  const int32_t w0 = weights[0], w1 = weights[1], w2 = weights[2], w3 = weights[3];
  int32_t a0 = *p++, b0 = *q++;
  while (p <= end) {
    const int32_t a1 = *p++, b1 = *q++;
    const int32_t sum = bias + a0 * w0 + b0 * w1 + a1 * w2 + b1 * w3;
    *out = (EDGE_CODE)EDGE_USAT8(edge_smmla(sum, multiplier, rounding), @shift@);
    @if target planar@
    out += 2;
    @else@
    out += @step_bytes@ / 2;
    @end@
    a0 = a1, b0 = b1;
  }
}

EDGE_INLINE void @function@_row(const uint8_t *p, const uint8_t *q, const EdgeDepthwise3Up2Channel *channel,
                                const int16_t *weights, EDGE_CODE *out, const uint8_t *end@step_declared@) {
  @function@_half(p, q, channel, weights, out, end@step_forwarded@);
  @if target planar@
  @function@_half(p + 1, q + 1, channel, weights + 4, out + 1, end + 1);
  @else@
  @function@_half(p + 1, q + 1, channel, weights + 4, out + 2, end + 1@step_forwarded@);
  @end@
}
#endif

EDGE_KERNEL void @function@(const EdgeDepthwise3Up2 *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  const EdgeDepthwise3Up2Channel *channel = s->channels;
  const int upper = (y + 1) / 2 - 1;
  const uint8_t *p = edge_row(in, upper) + in->left - 1, *q = edge_row(in, upper + 1) + in->left - 1;
  uint8_t *const row = edge_row(out, y);
  for (int c = 0; c < out->channels; c++, channel++, p += in->stride, q += in->stride) {
    @if target planar@
    @function@_row(p, q, channel, channel->weights[y % 2], row + c * out->stride + out->left, p + in->width);
    @else@
    @function@_row(p, q, channel, channel->weights[y % 2], edge_pair_channel(row, c), p + in->width@step_passed@);
    @end@
  }
  @if target planar@
  edge_border(out, y);
  @end@
}
#undef EDGE_CODE
