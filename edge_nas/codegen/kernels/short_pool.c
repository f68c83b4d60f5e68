#include "edge_shorts.h"
/* AVERAGE_POOL_2D (halves away from zero) and MAX_POOL_2D on flat images of int16 codes; taps outside do not count. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  int16_t height, width, rows, columns, channels;
  int16_t window_height, window_width, stride_y, stride_x, pad_top, pad_left, low, high;
  int8_t largest; /* 1: MAX_POOL_2D */
} EdgeShortPool;
/* function */
@short_kernel@ void @function@(const EdgeShortPool *s, int y) {
  const int y0 = y * s->stride_y - s->pad_top;
  for (int x = 0; x < s->columns; x++) {
    const int x0 = x * s->stride_x - s->pad_left;
    for (int c = 0; c < s->channels; c++) {
      int32_t most = -32768, sum = 0, count = 0;
      for (int iy = edge_max(y0, 0); iy < edge_min(y0 + s->window_height, s->height); iy++)
        for (int ix = edge_max(x0, 0); ix < edge_min(x0 + s->window_width, s->width); ix++) {
          const int32_t code = edge_shorts(s->input)[(iy * s->width + ix) * s->channels + c];
          most = edge_max(most, code), sum += code, count++;
        }
      const int32_t value = s->largest ? most : (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
      edge_shorts_out(s->output)[(y * s->columns + x) * s->channels + c] = (int16_t)edge_clamp(value, s->low, s->high);
    }
  }
}
