/* CONV_2D of any window on images of pixels: two output channels of two pixels at a time. */
typedef struct {
  const EdgeImage *input, *output;
  const int32_t *headers; /* per output channel: bias, exponent, multiplier, rounding, shift */
#if EDGE_MVE
  const int8_t *weights;  /* (output channels, window height, bytes), the channels even in number */
#else
  const int8_t *weights;  /* per two output channels, window row and four input bytes: four for each output channel */
#endif
  uint16_t bytes;         /* of input per window row */
  uint8_t window_height, stride_y, stride_x, pad_top, pad_left, low, high;
} EdgeDense;

enum { EDGE_DENSE_ROWS = 16, EDGE_DENSE_HEADER = 5 };

@include helium/dense.c@
#elif EDGE_DSP
/* Adds the products of two output channels and two pixels, `distance` bytes apart, to sums[4]. */
EDGE_ASSEMBLY const int8_t *edge_dense_block(const uint8_t *const *rows, int offset, const int8_t *weights,
                                             int32_t *sums, int distance, int height, int words) {
  __asm__ volatile(
      "push {r0, r1, r3-r11, lr}\n\t" /* rows, offset, sums at 0, 4, 8; distance, height, words at 48, 52, 56 */
      "ldmia r3, {r8-r11}\n\t"
      "ldr r3, [sp, #48]\n"
      "1:\n\t"
      "ldrd r0, r1, [sp]\n\t"
      "ldr r12, [r0], #4\n\t"
      "str r0, [sp]\n\t"
      "add r12, r12, r1\n\t"
      "ldr lr, [sp, #56]\n"
      "2:\n\t"
      "ldmia r2!, {r4, r6}\n\t"
      "ldr r0, [r12, r3]\n\t"
      "sxtb16 r5, r4, ror #8\n\t"
      "sxtb16 r4, r4\n\t"
      "uxtb16 r1, r0, ror #8\n\t"
      "uxtb16 r0, r0\n\t"
      "sxtb16 r7, r6, ror #8\n\t"
      "sxtb16 r6, r6\n\t"
      "smlad r9, r0, r4, r9\n\t"
      "smlad r11, r0, r6, r11\n\t"
      "smlad r9, r1, r5, r9\n\t"
      "smlad r11, r1, r7, r11\n\t"
      "ldr r0, [r12], #4\n\t"
      "uxtb16 r1, r0, ror #8\n\t"
      "uxtb16 r0, r0\n\t"
      "smlad r8, r0, r4, r8\n\t"
      "smlad r10, r0, r6, r10\n\t"
      "smlad r8, r1, r5, r8\n\t"
      "smlad r10, r1, r7, r10\n\t"
      "subs lr, lr, #1\n\t"
      "bne 2b\n\t"
      "ldr r0, [sp, #52]\n\t"
      "subs r0, r0, #1\n\t"
      "str r0, [sp, #52]\n\t"
      "bne 1b\n\t"
      "ldr r3, [sp, #8]\n\t"
      "stmia r3, {r8-r11}\n\t"
      "mov r0, r2\n\t"
      "add sp, sp, #8\n\t"
      "pop {r3-r11, pc}");
}
#else
EDGE_INLINE const int8_t *edge_dense_block(const uint8_t *const *rows, int offset, const int8_t *weights,
                                           int32_t *sums, int distance, int height, int words) {
  int32_t a0 = sums[0], a1 = sums[1], b0 = sums[2], b1 = sums[3];
  for (int ky = 0; ky < height; ky++) {
    const uint8_t *p = rows[ky] + offset;
    for (int j = words; j > 0; j--, p += 4, weights += 8) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) {
        const int32_t wa = weights[k], wb = weights[4 + k], d0 = p[k], d1 = p[distance + k];
        a0 += d0 * wa, a1 += d1 * wa, b0 += d0 * wb, b1 += d1 * wb;
      }
    }
  }
  sums[0] = a0, sums[1] = a1, sums[2] = b0, sums[3] = b1;
  return weights;
}
#endif
/* function */
EDGE_INLINE uint8_t @function@_code(const EdgeDense *s, int32_t sum, const int32_t *header) {
  const int32_t scaled = edge_shift_left(sum, header[1]);
  @if rounding clipped@
  (void)s;
  return (uint8_t)EDGE_USAT8(edge_smmla(scaled, header[2], header[3]), @shift@);
  @else@
  return (uint8_t)edge_linear(scaled, header[2], header[3], header[4], s->low, s->high);
  @end@
}

EDGE_KERNEL void @function@(const EdgeDense *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  const uint8_t *rows[EDGE_DENSE_ROWS];
  const int distance = s->stride_x * in->channels;
  uint8_t *const row = edge_row(out, y);
  int offset = (in->left - s->pad_left) * in->channels;
#if EDGE_MVE
  const int step = s->bytes;
#else
  const int step = (s->bytes + 3) / 4;
#endif
  for (int ky = 0; ky < s->window_height; ky++) rows[ky] = edge_row(in, y * s->stride_y - s->pad_top + ky);
  for (int x = 0; x < out->width; x += 2, offset += 2 * distance) {
    const int32_t *h = s->headers;
    const int8_t *weights = s->weights;
    const int two = x + 1 < out->width;
    for (int c = 0; c < out->channels; c += 2, h += 2 * EDGE_DENSE_HEADER) {
      const int both = c + 1 < out->channels;
      const int32_t *const next = both ? h + EDGE_DENSE_HEADER : h;
      int32_t sums[4] = {h[0], h[0], next[0], next[0]};
      weights = edge_dense_block(rows, offset, weights, sums, distance, s->window_height, step);
      @if target planar@
      uint8_t *o = row + c * out->stride + out->left + x;
      o[0] = @function@_code(s, sums[0], h);
      if (two) o[1] = @function@_code(s, sums[1], h);
      if (both) {
        o += out->stride;
        o[0] = @function@_code(s, sums[2], next);
        if (two) o[1] = @function@_code(s, sums[3], next);
      }
      @else@
      @if target pixels@
      uint8_t *o = row + (out->left + x) * out->channels + c;
      const uint8_t flip = EDGE_PIXEL_FLIP;
      @else@
      uint8_t *o = row + x * out->channels + c;
      const uint8_t flip = 0x80;
      @end@
      o[0] = @function@_code(s, sums[0], h) ^ flip;
      if (both) o[1] = @function@_code(s, sums[2], next) ^ flip;
      if (two) {
        o += out->channels;
        o[0] = @function@_code(s, sums[1], h) ^ flip;
        if (both) o[1] = @function@_code(s, sums[3], next) ^ flip;
      }
      @end@
    }
  }
  @if target planar@
  edge_border(out, y);
  @end@
  @if target pixels@
  edge_pixel_border(out, y);
  @end@
}
