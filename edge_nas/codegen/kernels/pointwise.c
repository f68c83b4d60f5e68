/* CONV_2D of one pixel, from pairs of channels, two pixels at a time. */
typedef struct {
  const EdgeImage *input, *output;
#if EDGE_MVE
  const int32_t *headers; /* per output channel: bias, multiplier, -shift[, zero] */
  const int8_t *weights;  /* per output channel one per byte of a pixel; beyond 16 of them, whole vectors */
#else
  const int32_t *headers; /* per output channel, and a channel of zeros if these are odd: bias, multiplier, rounding[, shift] */
  const void *weights;    /* per output channel int16_t, one per input channel, and a zero if these are odd; or, scaled
                             later by a fourth constant, int8_t, in every four the second and the third interchanged */
#endif
  uint8_t low, high;
} EdgePointwise;
/* function */
@include helium/pointwise.c@
@if rounding clipped@
@if target flat@
#define EDGE_CODE(sum, header) (uint32_t)edge_clamp(edge_smmla(sum, (header)[1], (header)[2]) >> @shift@, -128, 127)
#define EDGE_FLIP 0 /* its rounding takes 128 off */
@else@
#define EDGE_CODE(sum, header) EDGE_USAT8(edge_smmla(sum, (header)[1], (header)[2]), @shift@)
@end@
enum { @function@_header = @constants@ };
@else@
#define EDGE_CODE(sum, header) edge_linear(sum, (header)[1], (header)[2], (header)[3], s->low, s->high)
#define EDGE_FLIP 0x80
enum { @function@_header = @constants@ };
@end@
@if assembly yes@
#if EDGE_DSP
/* One output channel: `count` times two pixels; flat ones are `distance` bytes apart, pairs of them perhaps as well. */
EDGE_ASSEMBLY void @function@_row(const uint8_t *in, const @weight@ *weights, const int32_t *header, uint8_t *out,
                                  int count, int distance) {
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      @if rounding linear@
      "ldr r4, [r2, #12]\n\t"
      "push {r4}\n\t" /* shift */
      @end@
      @if size small@
      "ldmia r2, {r6-r8}\n\t" /* bias, multiplier, rounding */
      "ldrd r4, r5, [r1]\n\t"
      "ldr r12, [sp, #36 + @linear_bytes@]\n\t"
      @if copies 2@
      "tst r12, #1\n\t"
      "add r12, r12, #1\n\t"
      "lsr r12, r12, #1\n\t"
      "bne 2f\n"
      @end@
      "1:\n\t"
      ".rept @copies@\n\t"
      ".if @pairs@ > 1\n\t"
      "ldmia r0!, {r9-r11, lr}\n\t"
      "smlad r1, r9, r4, r6\n\t"
      "smlad r2, r10, r4, r6\n\t"
      "smlad r1, r11, r5, r1\n\t"
      "smlad r2, lr, r5, r2\n\t"
      ".else\n\t"
      "ldmia r0!, {r9, r10}\n\t"
      "smlad r1, r9, r4, r6\n\t"
      "smlad r2, r10, r4, r6\n\t"
      ".endif\n\t"
      @end@
      @if size medium@
      "ldmia r2, {r8-r10}\n\t" /* bias, multiplier, rounding */
      "push {r9, r10}\n\t"
      ".if @pairs@ > 3\n\t"
      "ldmia r1, {r4-r7}\n\t"
      ".else\n\t"
      "ldmia r1, {r4-r6}\n\t"
      ".endif\n\t"
      "ldr r12, [sp, #44 + @linear_bytes@]\n\t"
      @if copies 2@
      "tst r12, #1\n\t"
      "add r12, r12, #1\n\t"
      "lsr r12, r12, #1\n\t"
      "bne 2f\n"
      @end@
      "1:\n\t"
      ".rept @copies@\n\t"
      "ldmia r0!, {r9-r11, lr}\n\t"
      "smlad r1, r9, r4, r8\n\t"
      "smlad r2, r10, r4, r8\n\t"
      "smlad r1, r11, r5, r1\n\t"
      "smlad r2, lr, r5, r2\n\t"
      ".if @pairs@ > 3\n\t"
      "ldmia r0!, {r9-r11, lr}\n\t"
      "smlad r1, r11, r7, r1\n\t"
      "smlad r2, lr, r7, r2\n\t"
      ".else\n\t"
      "ldmia r0!, {r9, r10}\n\t"
      ".endif\n\t"
      "smlad r1, r9, r6, r1\n\t"
      "smlad r2, r10, r6, r2\n\t"
      "ldrd r9, r10, [sp]\n\t"
      @end@
      @if size large@
      @if storage bytes@
      "mov r8, r1\n\t"
      "ldmia r2, {r4-r7}\n\t" /* bias, multiplier, rounding, factor */
      "push {r4-r7}\n\t"
      "ldr r12, [sp, #52]\n"
      "1:\n\t"
      "movs r1, #0\n\t"
      "movs r2, #0\n\t"
      ".rept @pairs@ / 4\n\t"
      "ldmia r8!, {r4, r6}\n\t"
      "ldmia r0!, {r9-r11, lr}\n\t"
      "sxtb16 r5, r4, ror #8\n\t"
      "sxtb16 r4, r4\n\t"
      "sxtb16 r7, r6, ror #8\n\t"
      "sxtb16 r6, r6\n\t"
      "smlad r1, r9, r4, r1\n\t"
      "smlad r2, r10, r4, r2\n\t"
      "smlad r1, r11, r5, r1\n\t"
      "smlad r2, lr, r5, r2\n\t"
      "ldmia r0!, {r9-r11, lr}\n\t"
      "smlad r1, r9, r6, r1\n\t"
      "smlad r2, r10, r6, r2\n\t"
      "smlad r1, r11, r7, r1\n\t"
      "smlad r2, lr, r7, r2\n\t"
      ".endr\n\t"
      ".rept (@pairs@ & 3) / 2\n\t"
      "ldr r4, [r8], #4\n\t"
      "ldmia r0!, {r9-r11, lr}\n\t"
      "sxtb16 r5, r4, ror #8\n\t"
      "sxtb16 r4, r4\n\t"
      "smlad r1, r9, r4, r1\n\t"
      "smlad r2, r10, r4, r2\n\t"
      "smlad r1, r11, r5, r1\n\t"
      "smlad r2, lr, r5, r2\n\t"
      ".endr\n\t"
      ".rept @pairs@ & 1\n\t"
      "ldr r4, [r8], #4\n\t"
      "ldmia r0!, {r9, r10}\n\t"
      "sxtb16 r4, r4\n\t"
      "smlad r1, r9, r4, r1\n\t"
      "smlad r2, r10, r4, r2\n\t"
      ".endr\n\t"
      "sub r8, r8, #4 * ((@pairs@ + 1) / 2)\n\t"
      "ldm sp, {r4, r9-r11}\n\t"
      "mla r1, r1, r11, r4\n\t"
      "mla r2, r2, r11, r4\n\t"
      @else@
      "mov r8, r1\n\t"
      "ldmia r2, {r4-r6}\n\t" /* bias, multiplier, rounding */
      "push {r4-r6}\n\t"
      "ldr r12, [sp, #48 + @linear_bytes@]\n"
      "1:\n\t"
      "ldr r2, [sp]\n\t"
      ".set edge_first, 1\n\t"
      ".rept @pairs@ / 4\n\t"
      "ldmia r8!, {r4-r7}\n\t"
      "ldmia r0!, {r9-r11, lr}\n\t"
      ".if edge_first\n\t"
      ".set edge_first, 0\n\t"
      "smlad r1, r9, r4, r2\n\t"
      ".else\n\t"
      "smlad r1, r9, r4, r1\n\t"
      ".endif\n\t"
      "smlad r2, r10, r4, r2\n\t"
      "smlad r1, r11, r5, r1\n\t"
      "smlad r2, lr, r5, r2\n\t"
      "ldmia r0!, {r9-r11, lr}\n\t"
      "smlad r1, r9, r6, r1\n\t"
      "smlad r2, r10, r6, r2\n\t"
      "smlad r1, r11, r7, r1\n\t"
      "smlad r2, lr, r7, r2\n\t"
      ".endr\n\t"
      ".rept @pairs@ & 3\n\t"
      "ldr r4, [r8], #4\n\t"
      "ldmia r0!, {r9, r10}\n\t"
      "smlad r1, r9, r4, r1\n\t"
      "smlad r2, r10, r4, r2\n\t"
      ".endr\n\t"
      "sub r8, r8, #4 * @pairs@\n\t"
      "ldrd r9, r10, [sp, #4]\n\t"
      @end@
      @end@
      @if rounding clipped@
      "smmla r1, r1, @multiplier@, @rounded@\n\t"
      "smmla r2, r2, @multiplier@, @rounded@\n\t"
      @else@
      "smmulr r1, r1, @multiplier@\n\t"
      "smmulr r2, r2, @multiplier@\n\t"
      "ldr lr, [sp, #@shift_at@]\n\t"
      "add r1, r1, r1, asr #31\n\t"
      "add r2, r2, r2, asr #31\n\t"
      "add r1, r1, @rounded@\n\t"
      "add r2, r2, @rounded@\n\t"
      "asr r1, r1, lr\n\t"
      "asr r2, r2, lr\n\t"
      @end@
      @if rounding linear@
      "usat r1, #8, r1\n\t"
      "usat r2, #8, r2\n\t"
      @end@
      @if target flat@
      @if rounding linear@
      "eor r1, r1, #0x80\n\t"
      "eor r2, r2, #0x80\n\t"
      @else@
      "ssat r1, #8, r1, asr #@shift@\n\t"
      "ssat r2, #8, r2, asr #@shift@\n\t"
      @end@
      "ldr r9, [sp, #@distance_at@]\n\t"
      "strb r2, [r3, r9]\n\t" /* first: with a distance of 0 it is to vanish */
      "strb r1, [r3]\n\t"
      "add r3, r3, r9, lsl #1\n\t"
      @else@
      @if rounding clipped@
      "usat r1, #8, r1, asr #@shift@\n\t"
      "usat r2, #8, r2, asr #@shift@\n\t"
      @end@
      @end@
      @if target planar@
      "orr r1, r1, r2, lsl #8\n\t"
      "strh r1, [r3], #2\n\t"
      @end@
      @if target pairs@
      "strh r2, [r3, #4]\n\t"
      @if reach near@
      "strh r1, [r3], #@step@\n\t"
      @end@
      @if reach far@
      "strh r1, [r3]\n\t"
      "add r3, r3, #@step@\n\t"
      @end@
      @if reach any@
      "strh r1, [r3]\n\t"
      "ldr r9, [sp, #@distance_at@]\n\t"
      "add r3, r3, r9\n\t"
      @end@
      @end@
      @if size large@
      @else@
      "2:\n\t"
      ".endr\n\t"
      @end@
      "subs r12, r12, #1\n\t"
      "bne 1b\n\t"
      ".if @pushed@ > 0\n\t"
      "add sp, sp, #@pushed@\n\t"
      ".endif\n\t"
      "pop {r4-r11, pc}");
}

EDGE_KERNEL void @function@(const EdgePointwise *s, int y) {
  const EdgeImage *const out = s->output;
  const uint8_t *const in = edge_row(s->input, y);
  uint8_t *const row = edge_row(out, y);
  const int32_t *header = s->headers;
  const @weight@ *weights = s->weights;
  for (int c = 0; c < out->channels; c++, header += @constants@, weights += @taps@) {
    @if target planar@
    @function@_row(in, weights, header, row + c * out->stride + out->left, (out->width + 1) / 2, 0);
    @end@
    @if target pairs@
    @function@_row(in, weights, header, (uint8_t *)edge_pair_channel(row, c), (out->width + 1) / 2, out->stride);
    @end@
    @if target flat@
    const int twice = out->width / 2, channels = out->channels;
    if (twice > 0) @function@_row(in, weights, header, row + c, twice, channels);
    if (out->width % 2 > 0)
      @function@_row(in + twice * 8 * @pairs@, weights, header, row + c + 2 * twice * channels, 1, 0);
    @end@
  }
  @if target planar@
  edge_border(out, y);
  @end@
}
#else
@end@
EDGE_KERNEL void @function@(const EdgePointwise *s, int y) {
  enum { pairs = @pairs@, header = @function@_header, taps = @taps@ };
  const EdgeImage *const out = s->output;
  const int width = out->width, channels = out->channels;
  @if target flat@
  @else@
  const int stride = out->stride;
  @end@
  const uint8_t *const in = edge_row(s->input, y);
  uint8_t *const row = edge_row(out, y);
  const @weight@ *w = s->weights;
  const int32_t *h = s->headers;
  @if few yes@
  for (int c = 0; c < channels; c++, h += header, w += taps) {
  @else@
  for (int c = 0; c < channels; c += 2, h += 2 * header, w += 2 * taps) {
    @if target pairs@
    @else@
    const int both = c + 1 < channels;
    @end@
  @end@
    const uint16_t *d = (const uint16_t *)(const void *)in;
    @if target planar@
    uint8_t *o = row + c * stride + out->left;
    @end@
    @if target pairs@
    uint16_t *o = edge_pair_channel(row, c);
    @end@
    @if target flat@
    uint8_t *o = row + c;
    @end@
    @if few yes@
    const int32_t head[4] = {h[0], h[1], h[2], h[header - 1]};
    int32_t k[2 * pairs];
    for (int j = 0; j < 2 * pairs; j++) k[j] = w[j];
    for (int x = 0; x < width; x += 2) {
      int32_t a0 = head[0], a1 = a0;
#pragma GCC unroll @pairs@
      for (int j = 0; j < 2 * pairs; j += 2, d += 4) {
        a0 += d[0] * k[j] + d[1] * k[j + 1];
        a1 += d[2] * k[j] + d[3] * k[j + 1];
      }
      const uint32_t ua0 = EDGE_CODE(a0, head), ua1 = EDGE_CODE(a1, head);
    @else@
    for (int x = 0; x < width; x += 2) {
      @if storage bytes@
      int32_t a0 = 0, a1 = 0, b0 = 0, b1 = 0;
      for (int j = 0; j < pairs; j++, d += 4) {
        const int8_t *const v = w + j / 2 * 4 + j % 2;
        a0 += d[0] * v[0] + d[1] * v[2];
        a1 += d[2] * v[0] + d[3] * v[2];
        b0 += d[0] * v[taps] + d[1] * v[taps + 2];
        b1 += d[2] * v[taps] + d[3] * v[taps + 2];
      }
      a0 = a0 * h[3] + h[0], a1 = a1 * h[3] + h[0];
      b0 = b0 * h[header + 3] + h[header], b1 = b1 * h[header + 3] + h[header];
      @else@
      int32_t a0 = h[0], a1 = a0, b0 = h[header], b1 = b0;
      for (const int16_t *v = w, *const end = w + 2 * pairs; v < end; v += 2, d += 4) {
        a0 += d[0] * v[0] + d[1] * v[1];
        a1 += d[2] * v[0] + d[3] * v[1];
        b0 += d[0] * v[2 * pairs] + d[1] * v[2 * pairs + 1];
        b1 += d[2] * v[2 * pairs] + d[3] * v[2 * pairs + 1];
      }
      @end@
      const uint32_t ua0 = EDGE_CODE(a0, h), ua1 = EDGE_CODE(a1, h);
      const uint32_t ub0 = EDGE_CODE(b0, h + header), ub1 = EDGE_CODE(b1, h + header);
    @end@
      @if target planar@
      o[0] = (uint8_t)ua0;
      o[1] = (uint8_t)ua1;
      @if few yes@
      @else@
      if (both) {
        o[stride] = (uint8_t)ub0;
        o[stride + 1] = (uint8_t)ub1;
      }
      @end@
      o += 2;
      @end@
      @if target pairs@
      o[0] = (uint16_t)ua0;
      o[2] = (uint16_t)ua1;
      @if few yes@
      @else@
      o[1] = (uint16_t)ub0;
      o[3] = (uint16_t)ub1;
      @end@
      o += stride / 2;
      @end@
      @if target flat@
      o[0] = (uint8_t)(ua0 ^ EDGE_FLIP);
      if (x + 1 < width) o[channels] = (uint8_t)(ua1 ^ EDGE_FLIP);
      @if few yes@
      @else@
      if (both) {
        o[1] = (uint8_t)(ub0 ^ EDGE_FLIP);
        if (x + 1 < width) o[channels + 1] = (uint8_t)(ub1 ^ EDGE_FLIP);
      }
      @end@
      o += 2 * channels;
      @end@
    }
  }
  @if target planar@
  edge_border(out, y);
  @end@
}
@if assembly yes@
#endif
@end@
#undef EDGE_CODE
#undef EDGE_FLIP
#endif
