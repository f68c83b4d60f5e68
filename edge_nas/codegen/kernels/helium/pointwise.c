@note Registers at the loop's label: r0 input, r1 pixels yet to come, r3 output, q7 offsets of a vector's codes where they@
@note are not next to each other; others: helium/pointwise_sums_narrow.inc, ..._held.inc, ..._wide.inc. Then q1: codes.@
/* Headers: bias, multiplier, shift to the left (to the right where it is negative)@zero_noted@
   of each output channel.
   Weights: int8_t, @helium_weights_per_output@ for each output channel, one per byte that is loaded of a pixel.

   One output channel of a row: sums of @lanes@ pixels of @pixel_bytes@ bytes at a time, rescaled as vectors. From one
   output pixel to the next it is `distance` bytes. */
EDGE_ASSEMBLY void @function@_row(
    const uint8_t *in, const int32_t *header, const int8_t *weights, uint8_t *out, int width, int distance, int low,
    int high) {
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      "vpush {d8-d15}\n\t" /* width, distance, low, high at 100, 104, 108, 112 */
      @unless target planar@
      "ldr r4, [sp, #104]\n\t" /* q7: 0, distance, 2 * distance, ... */
      "movs r6, #0\n\t"
      "vidup.u@lane_bits@ q7, r6, #1\n\t"
      "vmul.i@lane_bits@ q7, q7, r4\n\t"
      @end@

      @include helium/pointwise_sums_@helium_sums@.inc@

      @if rounding linear@
      "ldr r4, [sp, #108]\n\t"
      "vdup.8 q0, r4\n\t"
      "vmax.u8 q1, q1, q0\n\t"
      "ldr r4, [sp, #112]\n\t"
      "vdup.8 q0, r4\n\t"
      "vmin.u8 q1, q1, q0\n\t"
      @end@
      @unless target planar@
      "movs r4, #128\n\t" /* from code + 128 back to codes */
      "vadd.i8 q1, q1, r4\n\t"
      "ldr r4, [sp, #104]\n\t"
      @end@
      /* Of the last pixels only those that are there; the low byte of each lane is stored. */
      "vctp.@lane_bits@ r1\n\t"
      "vpst\n\t"
      @if target planar@
      "vstrbt.@lane_bits@ q1, [r3], #@lanes@\n\t"
      @else@
      "vstrbt.@lane_bits@ q1, [r3, q7]\n\t"
      "add r3, r3, r4, lsl #@lanes_log2@\n\t"
      @end@
      "subs r1, r1, #@lanes@\n\t"
      @if helium_sums narrow@
      "le lr, 1b\n\t"
      @else@
      "bgt 1b\n\t"
      @end@
      "vpop {d8-d15}\n\t"
      "pop {r4-r11, pc}");
}

@short_kernel@ void @function@(const EdgePointwise *s, int y) {
  const EdgeImage *const out = s->output;
  /* Read once: for all the compiler knows, every row that is written changes them. */
  const int width = out->width, channels = out->channels, stride = out->stride, low = s->low, high = s->high;
  const uint8_t *const in = edge_row(s->input, y);
  @if target planar@
  uint8_t *row = edge_row(out, y) + out->left;
  const int next = stride, distance = 1;
  @else@
  uint8_t *row = edge_row(out, y);
  @if target pairs@
  const int next = 1, distance = stride / 4; /* a stride is of two pixels of 16 bits a code; here a code has 8 */
  @else@
  const int next = 1, distance = channels;
  (void)stride;
  @end@
  @end@
  const int32_t *header = s->headers;
  const int8_t *weights = (const int8_t *)s->weights;
  for (int c = channels; c > 0; c--, row += next, header += @helium_constants@, weights += @helium_weights_per_output@)
    @function@_row(in, header, weights, row, width, distance, low, high);
  @if target planar@
  edge_border(out, y);
  @end@
}
