@note Lines with at signs: codegen/sources.py. EdgeImage, edge_row and EDGE_...: edge_intrinsics.h.@
/* The windows of a row of a convolution's outputs as a row of pairs: what a window holds are the channels of a pixel,
   and the convolution is one of 1 x 1 on them.

   A window is a few stretches of neighbouring codes: one for each of its rows, or with dilation one for each tap. Of
   every four codes of a stretch the middle two change places, and the last of an odd one goes behind all stretches,

     channels   0 2   1 3   4 6   5 7   0 2 ...   8 8 ...     of stretches of nine codes

   since one instruction of DSP cores widens every second byte of a word. With Helium, where codes stay bytes, they keep
   their order. */
typedef struct {
  const EdgeImage *input, *output;
  int16_t height, columns;                 /* of the input; of the input, that a stretch covers */
  uint8_t window_height, window_width;     /* of a window; stretches in one of its rows */
  uint8_t stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
} EdgePairsFromWindows;
/* function */
/* Copies a stretch; two pairs are 8 bytes apart, and the last of an odd number of codes goes `last` codes behind `to`. */
EDGE_INLINE void @function@_stretch(const uint8_t *from, EdgePairCode *to, int last) {
  (void)last;
#if EDGE_MVE
@if short yes@
  const mve_pred16_t codes = vctp8q(@codes@);
  vstrbq_p_u8(to, vldrbq_z_u8(from, codes), codes);
@else@
  edge_copy(to, from, @codes@);
@end@
#else
  int left = @codes@;
#pragma GCC unroll 4
  for (; left >= 4; left -= 4, from += 4, to += 8) {
#if EDGE_DSP
    const uint32_t word = edge_load32(from) ^ 0x80808080u;
    edge_store32(to, edge_uxtb16(word));
    edge_store32(to + 4, edge_uxtb16_odd(word));
#else
    to[0] = from[0] ^ 0x80, to[1] = from[2] ^ 0x80;
    to[4] = from[1] ^ 0x80, to[5] = from[3] ^ 0x80;
#endif
  }
  if (left > 1) to[0] = from[0] ^ 0x80, to[1] = from[1] ^ 0x80;
  if (left % 2 > 0) to[last - 2 * (@codes@ / 4 * 4)] = from[left - 1] ^ 0x80;
#endif
}

/* Copies a stretch that begins at column x of a row and lies partly outside the image, where the zero point stands. */
EDGE_KERNEL void @function@_edge(const EdgePairsFromWindows *s, const uint8_t *row, int x, EdgePairCode *to, int last) {
  uint8_t codes[@codes@];
  const int depth = s->input->channels, end = edge_min((s->input->width - x) * depth, @codes@);
  const uint8_t *const from = row + x * depth;
  memset(codes, (int)(s->output->fill & 0xffu) ^ 0x80, @codes@);
  for (int k = edge_max(-x, 0) * depth; k < end; k++) codes[k] = from[k];
  @function@_stretch(codes, to, last);
}

@kernel@ void @function@(const EdgePairsFromWindows *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  uint8_t *const pixels = edge_row(out, y);
#if EDGE_MVE
  enum { together = @codes@ }; /* codes of a stretch that stay together */
  const int two_pixels = out->stride / 2, one_pixel = two_pixels / 2; /* in codes of 8 bits */
#else
  enum { together = @codes@ / 2 * 2 };
  const int two_pixels = out->stride / 2, one_pixel = 2; /* of 16 bits */
#endif
  const int depth = in->channels, stride = s->stride_x, step = stride * depth;
#if EDGE_DSP
  const int width = out->width;
#else
  const int width = (out->width + 1) / 2 * 2; /* C sums the last pixel's partner as well: it has to be codes */
#endif
  int iy = y * s->stride_y - s->pad_top, channel = 0, lasts = s->window_height * s->window_width * together;
  for (int ky = 0; ky < s->window_height; ky++, iy += s->dilation_y) {
    const int left = iy >= 0 && iy < s->height ? 0 : in->width; /* no column of a row outside the image */
    const uint8_t *const row = edge_row(in, iy);
    for (int kx = 0; kx < s->window_width; kx++, channel += together, lasts++) {
      int ix = kx * s->dilation_x - s->pad_left, x = 0, hop = one_pixel;
      EdgePairCode *to = edge_pair_channel(pixels, channel);
      const int last = (int)(edge_pair_channel(pixels, lasts) - to);
      /* Left of the image or above it, inside, right of it or below: three times through the same pixels. */
      for (; x < width && ix < left; x++, ix += stride, to += hop, hop = two_pixels - hop)
        @function@_edge(s, row, left > 0 ? left : ix, to, last);
      const uint8_t *from = row + ix * depth;
      /* So many begin up to the last column at which a stretch still ends in the image. */
      const int inside = left > 0 ? 0 : edge_min(width - x, edge_max(in->width - s->columns - ix + stride, 0) / stride);
      x += inside, ix += inside * stride;
      for (int k = inside; k > 0; k--) {
        @function@_stretch(from, to, last);
        from += step, to += hop, hop = two_pixels - hop;
      }
      for (; x < width; x++, ix += stride, to += hop, hop = two_pixels - hop)
        @function@_edge(s, row, left > 0 ? left : ix, to, last);
    }
  }
}
