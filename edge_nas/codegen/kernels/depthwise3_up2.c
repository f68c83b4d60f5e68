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
                                  const int16_t *weights, EDGE_CODE *out, const uint8_t *end) {
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      "ldmia r2, {r8-r10}\n\t"
      "ldmia r3, {r4-r7}\n\t"
      "ldrd r3, r2, [sp, #36]\n\t"
      "push {r2, r9, r10}\n" /* end, multiplier, rounding; r8 is the bias */
      "1:\n\t"
      "ldr r2, [r0], #2\n\t"
      "ldr r9, [r1], #2\n\t"
      "uxtb16 r10, r2, ror #8\n\t"
      "uxtb16 r2, r2\n\t"
      "uxtb16 r11, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "pkhbt r12, r2, r9, lsl #16\n\t" /* columns 0, 1, 2, 3, upper and lower: r12, r9, r2, r10 */
      "pkhtb r2, r9, r2, asr #16\n\t"
      "pkhbt r9, r10, r11, lsl #16\n\t"
      "pkhtb r10, r11, r10, asr #16\n\t"
      "smlad r12, r12, r4, r8\n\t"
      "smlad r12, r9, r5, r12\n\t"
      "smlad r11, r9, r6, r8\n\t"
      "smlad r11, r2, r7, r11\n\t"
      "smlad r9, r9, r4, r8\n\t"
      "smlad r9, r2, r5, r9\n\t"
      "smlad r2, r2, r6, r8\n\t"
      "smlad r10, r10, r7, r2\n\t"
      "ldrd r2, lr, [sp, #4]\n\t"
      "smmla r12, r12, r2, lr\n\t"
      "smmla r11, r11, r2, lr\n\t"
      "smmla r9, r9, r2, lr\n\t"
      "smmla r10, r10, r2, lr\n\t"
      "usat r12, #8, r12, asr #@shift@\n\t"
      "usat r11, #8, r11, asr #@shift@\n\t"
      "usat r9, #8, r9, asr #@shift@\n\t"
      "usat r10, #8, r10, asr #@shift@\n\t"
      @if target planar@
      "strb r11, [r3, #1]\n\t"
      "strb r9, [r3, #2]\n\t"
      "strb r10, [r3, #3]\n\t"
      "strb r12, [r3], #4\n\t"
      @else@
      "strh r11, [r3, #4]\n\t"
      @if reach near@
      "strh r12, [r3], #@step@\n\t"
      "strh r10, [r3, #4]\n\t"
      "strh r9, [r3], #@step@\n\t"
      @end@
      @if reach far@
      "strh r12, [r3]\n\t"
      "add r3, r3, #@step@\n\t"
      "strh r10, [r3, #4]\n\t"
      "strh r9, [r3]\n\t"
      "add r3, r3, #@step@\n\t"
      @end@
      @end@
      "ldr r2, [sp]\n\t"
      "cmp r0, r2\n\t"
      "bne 1b\n\t"
      "add sp, sp, #12\n\t"
      "pop {r4-r11, pc}");
}
#else
/* Every second output of one channel of one row. */
EDGE_INLINE void @function@_half(const uint8_t *p, const uint8_t *q, const EdgeDepthwise3Up2Channel *channel,
                                 const int16_t *weights, EDGE_CODE *out, const uint8_t *end) {
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
    out += @step@ / 2;
    @end@
    a0 = a1, b0 = b1;
  }
}

EDGE_INLINE void @function@_row(const uint8_t *p, const uint8_t *q, const EdgeDepthwise3Up2Channel *channel,
                                const int16_t *weights, EDGE_CODE *out, const uint8_t *end) {
  @function@_half(p, q, channel, weights, out, end);
  @if target planar@
  @function@_half(p + 1, q + 1, channel, weights + 4, out + 1, end + 1);
  @else@
  @function@_half(p + 1, q + 1, channel, weights + 4, out + 2, end + 1);
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
    @function@_row(p, q, channel, channel->weights[y % 2], edge_pair_channel(row, c), p + in->width);
    @end@
  }
  @if target planar@
  edge_border(out, y);
  @end@
}
#undef EDGE_CODE
