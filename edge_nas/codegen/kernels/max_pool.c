/* MAX_POOL_2D on flat images; taps outside the image do not count. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  int16_t height, width, rows, columns, channels;
  int16_t window_height, window_width, stride_y, stride_x, pad_top, pad_left, low, high;
} EdgeMaxPool;
/* function */
@short_kernel@ void @function@(const EdgeMaxPool *s, int y) {
  const int y0 = y * s->stride_y - s->pad_top;
  for (int x = 0; x < s->columns; x++) {
    const int x0 = x * s->stride_x - s->pad_left;
    for (int c = 0; c < s->channels; c++) {
      int32_t most = -128;
      for (int iy = edge_max(y0, 0); iy < edge_min(y0 + s->window_height, s->height); iy++)
        for (int ix = edge_max(x0, 0); ix < edge_min(x0 + s->window_width, s->width); ix++)
          most = edge_max(most, s->input[(iy * s->width + ix) * s->channels + c]);
      s->output[(y * s->columns + x) * s->channels + c] = (int8_t)edge_clamp(most, s->low, s->high);
    }
  }
}
