/* TRANSPOSE_CONV on flat images: every output pixel gathers the taps that meet it. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const int8_t *weights; /* (output channels, window height, window width, input channels) */
  const int32_t *bias, *multipliers;
  const int8_t *shifts;
  int16_t height, width, depth, columns, channels;
  int16_t window_height, window_width, stride_y, stride_x, pad_top, pad_left;
  int16_t input_zero_point, output_zero_point, low, high;
} EdgeTransposeConvolution;
/* function */
@kernel@ void @function@(const EdgeTransposeConvolution *s, int y) {
  for (int x = 0; x < s->columns; x++)
    for (int o = 0; o < s->channels; o++) {
      int32_t sum = s->bias[o];
      for (int ky = 0; ky < s->window_height; ky++) {
        const int dy = y + s->pad_top - ky;
        if (dy < 0 || dy % s->stride_y || dy / s->stride_y >= s->height) continue;
        for (int kx = 0; kx < s->window_width; kx++) {
          const int dx = x + s->pad_left - kx;
          if (dx < 0 || dx % s->stride_x || dx / s->stride_x >= s->width) continue;
          const int8_t *const in = s->input + (dy / s->stride_y * s->width + dx / s->stride_x) * s->depth;
          const int8_t *const weights = s->weights + ((o * s->window_height + ky) * s->window_width + kx) * s->depth;
          for (int c = 0; c < s->depth; c++) sum += (in[c] - s->input_zero_point) * weights[c];
        }
      }
      s->output[(y * s->columns + x) * s->channels + o] =
          edge_code(edge_rescale(sum, s->multipliers[o], s->shifts[o]), s->output_zero_point, s->low, s->high);
    }
}
