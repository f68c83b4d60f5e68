/* AVERAGE_POOL_2D on flat images: the mean of the taps inside the image, halves away from zero. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  int16_t height, width, rows, columns, channels;
  int16_t window_height, window_width, stride_y, stride_x, pad_top, pad_left, low, high;
} EdgeAveragePool;
/* function */
EDGE_KERNEL void @function@(const EdgeAveragePool *s, int y) {
  const int y0 = edge_max(y * s->stride_y - s->pad_top, 0);
  const int y1 = edge_min(y * s->stride_y - s->pad_top + s->window_height, s->height);
  for (int x = 0; x < s->columns; x++) {
    const int x0 = edge_max(x * s->stride_x - s->pad_left, 0);
    const int x1 = edge_min(x * s->stride_x - s->pad_left + s->window_width, s->width);
    const int32_t count = (y1 - y0) * (x1 - x0);
    for (int c = 0; c < s->channels; c++) {
      int32_t sum = 0;
      for (int iy = y0; iy < y1; iy++)
        for (int ix = x0; ix < x1; ix++) sum += s->input[(iy * s->width + ix) * s->channels + c];
      sum = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
      s->output[(y * s->columns + x) * s->channels + c] = (int8_t)edge_clamp(sum, s->low, s->high);
    }
  }
}
