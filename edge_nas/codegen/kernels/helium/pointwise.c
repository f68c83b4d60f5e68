/* Headers: bias, multiplier, shift to the left (to the right where it is negative)@zero_noted@ of each output channel.
   Weights: int8_t, @helium_weights_per_output@ for each output channel, one per byte that is loaded of a pixel.

   One output channel of a row: sums of @pixels_at_once@ pixels of @pixel_bytes@ bytes at a time, rescaled as vectors. From
   one output pixel to the next it is `stride` bytes. */
EDGE_ASSEMBLY void @function@_row(const uint8_t *in, const int8_t *weights, const int32_t *header, uint8_t *out,
                                  int width, int stride, int low, int high) {
  __asm__ volatile(
      "push {r4-r11, lr}\n\t"
      "vpush {d8-d15}\n\t" /* width, stride, low, high at 100, 104, 108, 112 */
      @unless target planar@
      "ldr r4, [sp, #104]\n\t" /* q7: 0, stride, 2 * stride, ... */
      "movs r6, #0\n\t"
      @if width wide@
      "vidup.u32 q7, r6, #1\n\t"
      "vmul.i32 q7, q7, r4\n\t"
      @else@
      "vidup.u16 q7, r6, #1\n\t"
      "vmul.i16 q7, q7, r4\n\t"
      @end@
      @end@

      @include helium/pointwise_sums_@width@.inc@

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
      @if width wide@
      "vctp.32 r2\n\t" /* of the last four pixels only those that are there; the low byte of each lane is stored */
      "vpst\n\t"
      @if target planar@
      "vstrbt.32 q1, [r3], #4\n\t"
      @else@
      "vstrbt.32 q1, [r3, q7]\n\t"
      "add r3, r3, r4, lsl #2\n\t"
      @end@
      "subs r2, r2, #4\n\t"
      "bgt 1b\n\t"
      @else@
      "vctp.16 r1\n\t" /* of the last eight pixels only those that are there; the low byte of each lane is stored */
      "subs r1, r1, #8\n\t"
      "vpst\n\t"
      @if target planar@
      "vstrbt.16 q1, [r3], #8\n\t"
      @else@
      "vstrbt.16 q1, [r3, q7]\n\t"
      "add r3, r3, r4, lsl #3\n\t"
      @end@
      "le lr, 1b\n\t"
      @end@
      "vpop {d8-d15}\n\t"
      "pop {r4-r11, pc}");
}

EDGE_KERNEL void @function@(const EdgePointwise *s, int y) {
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
  const int8_t *weights = s->weights;
  for (int c = channels; c > 0; c--, row += next, header += @helium_constants@, weights += @helium_weights_per_output@)
    @function@_row(in, weights, header, row, width, distance, low, high);
  @if target planar@
  edge_border(out, y);
  @end@
}
