/* DEPTHWISE_CONV_2D on flat images: any window, any activation, any number of outputs per input channel. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const int8_t *weights; /* (window height, window width, output channels) */
  const int32_t *bias, *multipliers;
  const int8_t *shifts;
  int16_t height, width, depth, rows, columns, channels;
  int16_t window_height, window_width, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
  int16_t input_zero_point, output_zero_point, low, high;
} EdgeDepthwiseConvolution;
/* function */
@kernel@ void @function@(const EdgeDepthwiseConvolution *s, int y) {
  const int per_input = s->channels / s->depth;
  for (int x = 0; x < s->columns; x++) {
    int8_t *const out = s->output + (y * s->columns + x) * s->channels;
    for (int o = 0; o < s->channels; o++) {
      int32_t sum = s->bias[o];
      for (int ky = 0; ky < s->window_height; ky++) {
        const int iy = y * s->stride_y - s->pad_top + ky * s->dilation_y;
        for (int kx = 0; kx < s->window_width; kx++) {
          const int ix = x * s->stride_x - s->pad_left + kx * s->dilation_x;
          if (iy < 0 || iy >= s->height || ix < 0 || ix >= s->width) continue;
          sum += (s->input[(iy * s->width + ix) * s->depth + o / per_input] - s->input_zero_point) *
                 s->weights[(ky * s->window_width + kx) * s->channels + o];
        }
      }
      out[o] = edge_code(edge_rescale(sum, s->multipliers[o], s->shifts[o]), s->output_zero_point, s->low, s->high);
    }
  }
}
