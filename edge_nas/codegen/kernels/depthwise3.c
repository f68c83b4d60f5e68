/* DEPTHWISE_CONV_2D of 3 x 3 taps on planar images. Weights are scaled so that one multiplication, one addition and
   one shift give the output code; two outputs at a time share what they load. */
typedef struct {
  int16_t weights[10]; /* rows 0, 1, 2: left and right tap; then the middle taps of rows 0, 1, 2, and 0 */
  int32_t bias, multiplier, rounding;
} EdgeDepthwise3Channel;

typedef struct {
  const EdgeImage *input, *output;
  const EdgeDepthwise3Channel *channels;
  uint8_t pad_top, pad_left;
} EdgeDepthwise3;
/* function */
@if target pairs@
#define EDGE_CODE EdgePairCode
@else@
#define EDGE_CODE uint8_t
@end@
@include helium/depthwise3.c@
#elif EDGE_DSP
/* One channel of one row: `count` times two outputs, from input rows p, q and r. */
EDGE_ASSEMBLY void @function@_row(const uint8_t *p, const uint8_t *q, const uint8_t *r,
                                  const EdgeDepthwise3Channel *channel, EDGE_CODE *out, int count@step_declared@) {
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      "ldmia r3!, {r4-r8}\n\t" /* weights: left and right taps of each row, middle taps */
      "ldmia r3, {r9-r11}\n\t" /* bias, multiplier, rounding */
      "push {r10, r11}\n\t"
      "ldrd r3, r10, [sp, #44]\n\t"
      "sub r11, r10, #1\n\t"
      @if copies 2@
      "lsr r11, r11, #1\n\t"
      "tst r10, #1\n\t"
      @end@
      "mov r12, r9\n\t"
      "orr r8, r8, r11, lsl #16\n\t" /* the unused half of the last weights counts, down to -1 */
      @if copies 2@
      "bne 2f\n"
      @end@
      "1:\n\t"
      ".rept @copies@\n\t"
      "ldr r9, [r0], #@advance@\n\t"
      "uxtb16 r10, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad r11, r9, r4, r12\n\t"
      "smlabb r11, r10, r7, r11\n\t"
      @if stride s1@
      "smlad lr, r10, r4, r12\n\t"
      "smlatb lr, r9, r7, lr\n\t"
      @end@
      "ldr r9, [r1], #@advance@\n\t"
      "uxtb16 r10, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad r11, r9, r5, r11\n\t"
      "smlabt r11, r10, r7, r11\n\t"
      @if stride s1@
      "smlad lr, r10, r5, lr\n\t"
      "smlatt lr, r9, r7, lr\n\t"
      @end@
      "ldr r9, [r2], #@advance@\n\t"
      "uxtb16 r10, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad r11, r9, r6, r11\n\t"
      "smlabb r11, r10, r8, r11\n\t"
      @if stride s1@
      "smlad lr, r10, r6, lr\n\t"
      "smlatb lr, r9, r8, lr\n\t"
      @else@
      "ldr r9, [r0], #@advance@\n\t"
      "uxtb16 r10, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad lr, r9, r4, r12\n\t"
      "smlabb lr, r10, r7, lr\n\t"
      "ldr r9, [r1], #@advance@\n\t"
      "uxtb16 r10, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad lr, r9, r5, lr\n\t"
      "smlabt lr, r10, r7, lr\n\t"
      "ldr r9, [r2], #@advance@\n\t"
      "uxtb16 r10, r9, ror #8\n\t"
      "uxtb16 r9, r9\n\t"
      "smlad lr, r9, r6, lr\n\t"
      "smlabb lr, r10, r8, lr\n\t"
      @end@
      "ldrd r9, r10, [sp]\n\t"
      "smmla r11, r11, r9, r10\n\t"
      "smmla lr, lr, r9, r10\n\t"
      "usat r11, #8, r11, asr #@shift@\n\t"
      "usat lr, #8, lr, asr #@shift@\n\t"
      @if target planar@
      "strb lr, [r3, #1]\n\t"
      "strb r11, [r3], #2\n\t"
      @else@
      "strh lr, [r3, #4]\n\t"
      @if reach near@
      "strh r11, [r3], #@step@\n\t"
      @end@
      @if reach far@
      "strh r11, [r3]\n\t"
      "add r3, r3, #@step@\n\t"
      @end@
      @if reach any@
      "strh r11, [r3]\n\t"
      "ldr r9, [sp, #52]\n\t"
      "add r3, r3, r9\n\t"
      @end@
      @end@
      "2:\n\t"
      ".endr\n\t"
      "subs r8, r8, #0x10000\n\t"
      "bpl 1b\n\t"
      "add sp, sp, #8\n\t"
      "pop {r4-r11, pc}");
}
#else
EDGE_INLINE uint32_t @function@_code(const uint8_t *p, const uint8_t *q, const uint8_t *r,
                                     const EdgeDepthwise3Channel *channel) {
  const int16_t *const w = channel->weights;
  const int32_t sum = channel->bias + p[0] * w[0] + p[1] * w[6] + p[2] * w[1] + q[0] * w[2] + q[1] * w[7] +
                      q[2] * w[3] + r[0] * w[4] + r[1] * w[8] + r[2] * w[5];
  return EDGE_USAT8(edge_smmla(sum, channel->multiplier, channel->rounding), @shift@);
}

EDGE_INLINE void @function@_row(const uint8_t *p, const uint8_t *q, const uint8_t *r,
                                const EdgeDepthwise3Channel *shared, EDGE_CODE *out, int count@step_declared@) {
  enum { next = @stride_bytes@ };
  const EdgeDepthwise3Channel channel = *shared; /* for all the compiler knows, `out` may be a part of `shared` */
  for (; count > 0; count--, p += 2 * next, q += 2 * next, r += 2 * next) {
    out[0] = (EDGE_CODE)@function@_code(p, q, r, &channel);
    @if target planar@
    out[1] = (EDGE_CODE)@function@_code(p + next, q + next, r + next, &channel);
    out += 2;
    @else@
    out[2] = (EDGE_CODE)@function@_code(p + next, q + next, r + next, &channel);
    out += @step_bytes@ / 2;
    @end@
  }
}
#endif

EDGE_KERNEL void @function@(const EdgeDepthwise3 *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  const EdgeDepthwise3Channel *channel = s->channels;
  const int start = in->left - s->pad_left, top = y * @stride_bytes@ - s->pad_top;
#if EDGE_MVE
  const int count = out->width;
#else
  const int count = (out->width + 1) / 2;
#endif
  const uint8_t *p = edge_row(in, top) + start;
  const uint8_t *q = edge_row(in, top + 1) + start, *r = edge_row(in, top + 2) + start;
  uint8_t *const row = edge_row(out, y);
  for (int c = 0; c < out->channels; c++, channel++, p += in->stride, q += in->stride, r += in->stride) {
    @if target planar@
    @function@_row(p, q, r, channel, row + c * out->stride + out->left, count);
    @else@
    @function@_row(p, q, r, channel, edge_pair_channel(row, c), count@step_passed@);
    @end@
  }
  @if target planar@
  edge_border(out, y);
  @end@
}
#undef EDGE_CODE
