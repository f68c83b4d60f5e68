/* AVERAGE_POOL_2D on flat images: the mean of the taps inside the image, halves away from zero; four channels at a time,
   the word that holds their codes. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  int16_t height, width, rows, columns, channels;
  int16_t window_height, window_width, stride_y, stride_x, pad_top, pad_left, low, high;
} EdgeAveragePool;

EDGE_INLINE int8_t edge_average_code(const EdgeAveragePool *s, int32_t sum, int32_t count) {
  return (int8_t)edge_clamp((sum > 0 ? sum + count / 2 : sum - count / 2) / count, s->low, s->high);
}
/* function */
@short_kernel@ void @function@(const EdgeAveragePool *s, int y) {
  const int channels = s->channels;
  const int y0 = edge_max(y * s->stride_y - s->pad_top, 0);
  const int y1 = edge_min(y * s->stride_y - s->pad_top + s->window_height, s->height);
  int8_t *out = s->output + y * s->columns * channels;
  for (int x = 0; x < s->columns; x++) {
    const int x0 = edge_max(x * s->stride_x - s->pad_left, 0);
    const int x1 = edge_min(x * s->stride_x - s->pad_left + s->window_width, s->width);
    const int32_t count = (y1 - y0) * (x1 - x0);
    const int8_t *const in = s->input + (y0 * s->width + x0) * channels;
    int c = 0;
    for (; c + 4 <= channels; c += 4) {
      int32_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
      for (int iy = 0; iy < y1 - y0; iy++) {
        const int8_t *p = in + iy * s->width * channels + c;
#if EDGE_DSP
        for (int left = x1 - x0, part = 0; left > 0; left -= part) {
          uint32_t even = 0, odd = 0;
          part = edge_min(left, 255); /* codes, whose sum 16 bits hold */
          for (int k = part; k > 0; k--, p += channels) {
            const uint32_t codes = edge_load32(p);
            even = edge_sxtab16(even, codes), odd = edge_sxtab16_odd(odd, codes);
          }
          sum0 += (int16_t)even, sum1 += (int16_t)odd, sum2 += (int16_t)(even >> 16), sum3 += (int16_t)(odd >> 16);
        }
#else
        for (int k = x1 - x0; k > 0; k--, p += channels) sum0 += p[0], sum1 += p[1], sum2 += p[2], sum3 += p[3];
#endif
      }
      *out++ = edge_average_code(s, sum0, count);
      *out++ = edge_average_code(s, sum1, count);
      *out++ = edge_average_code(s, sum2, count);
      *out++ = edge_average_code(s, sum3, count);
    }
    for (; c < channels; c++) {
      int32_t sum = 0;
      for (int iy = 0; iy < y1 - y0; iy++)
        for (int ix = 0; ix < x1 - x0; ix++) sum += in[(iy * s->width + ix) * channels + c];
      *out++ = edge_average_code(s, sum, count);
    }
  }
}
