/* One output channel of a row, `count` times two pixels: r0 points at the input, r3 at the output, r12 counts, and r1
   and r2 become the sums of the left and the right pixel, then their codes. Two flat pixels are `distance` bytes apart,
   two pairs of pixels perhaps as well. */
EDGE_ASSEMBLY void @function@_row(const uint8_t *in, const @weight@ *weights, const int32_t *header, uint8_t *out,
                                  int count, int distance) {
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      @if rounding linear@
      "ldr r4, [r2, #12]\n\t"
      "push {r4}\n\t" /* shift */
      @end@
      @include dsp/pointwise_sums_@sums@.inc@
      @include dsp/pointwise_code_@rounding@.inc@
      @include dsp/pointwise_store_@target@.inc@
      @if few yes@
      "2:\n\t"
      ".endr\n\t"
      @end@
      "subs r12, r12, #1\n\t"
      "bne 1b\n\t"
      @unless pushed 0@
      "add sp, sp, #@pushed@\n\t"
      @end@
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
