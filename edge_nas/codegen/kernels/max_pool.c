/* MAX_POOL_2D on flat images; taps outside the image do not count. Four channels at a time, the word that holds their
   codes. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  int16_t height, width, rows, columns, channels;
  int16_t window_height, window_width, stride_y, stride_x, pad_top, pad_left, low, high;
} EdgeMaxPool;
/* function */
@short_kernel@ void @function@(const EdgeMaxPool *s, int y) {
  int channels = s->channels;
  EDGE_UNKNOWN(channels);
  const int y0 = edge_max(y * s->stride_y - s->pad_top, 0);
  const int y1 = edge_min(y * s->stride_y - s->pad_top + s->window_height, s->height);
  int8_t *out = s->output + y * s->columns * channels;
  for (int x = 0; x < s->columns; x++) {
    const int x0 = edge_max(x * s->stride_x - s->pad_left, 0);
    const int x1 = edge_min(x * s->stride_x - s->pad_left + s->window_width, s->width);
    const int8_t *in = s->input + (y0 * s->width + x0) * channels;
    int c = channels;
    for (; c >= 4; c -= 4, in += 4, out += 4) {
      const int8_t *line = in;
#if EDGE_DSP
      uint32_t most = 0x80808080u;
      for (int iy = y1 - y0; iy > 0; iy--, line += s->width * channels) {
        const int8_t *p = line;
        for (int k = x1 - x0; k > 0; k--, p += channels) most = edge_max_s8x4(most, edge_load32(p));
      }
      const int32_t a = (int8_t)most, b = (int8_t)(most >> 8), e = (int8_t)(most >> 16), f = (int8_t)(most >> 24);
#else
      int32_t a = -128, b = -128, e = -128, f = -128;
      for (int iy = y1 - y0; iy > 0; iy--, line += s->width * channels) {
        const int8_t *p = line;
        for (int k = x1 - x0; k > 0; k--, p += channels)
          a = edge_max(a, p[0]), b = edge_max(b, p[1]), e = edge_max(e, p[2]), f = edge_max(f, p[3]);
      }
#endif
      out[0] = (int8_t)edge_clamp(a, s->low, s->high);
      out[1] = (int8_t)edge_clamp(b, s->low, s->high);
      out[2] = (int8_t)edge_clamp(e, s->low, s->high);
      out[3] = (int8_t)edge_clamp(f, s->low, s->high);
    }
    for (; c > 0; c--, in++) {
      int32_t most = -128;
      const int8_t *line = in;
      for (int iy = y1 - y0; iy > 0; iy--, line += s->width * channels) {
        const int8_t *p = line;
        for (int k = x1 - x0; k > 0; k--, p += channels) most = edge_max(most, *p);
      }
      *out++ = (int8_t)edge_clamp(most, s->low, s->high);
    }
  }
}
