/* CONV_2D on flat images whose channels are cut into groups: outputs of a group read its inputs alone. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const int8_t *weights; /* (output channels, window height, window width, input channels of a group) */
  const int32_t *bias, *multipliers;
  const int8_t *shifts;
  int16_t height, width, depth, rows, columns, channels, group_depth, groups;
  int16_t window_height, window_width, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
  int16_t input_zero_point, output_zero_point, low, high;
} EdgeGroupedConvolution;
/* function */
@kernel@ void @function@(const EdgeGroupedConvolution *s, int y) {
  for (int x = 0; x < s->columns; x++) {
    int8_t *const out = s->output + (y * s->columns + x) * s->channels;
    const int8_t *weights = s->weights;
    const int group_channels = s->channels / s->groups;
    for (int o = 0; o < s->channels; o++) {
      const int first = o / group_channels * s->group_depth;
      int32_t sum = s->bias[o];
      for (int ky = 0; ky < s->window_height; ky++) {
        const int iy = y * s->stride_y - s->pad_top + ky * s->dilation_y;
        for (int kx = 0; kx < s->window_width; kx++, weights += s->group_depth) {
          const int ix = x * s->stride_x - s->pad_left + kx * s->dilation_x;
          if (iy < 0 || iy >= s->height || ix < 0 || ix >= s->width) continue;
          const int8_t *const in = s->input + (iy * s->width + ix) * s->depth + first;
          for (int c = 0; c < s->group_depth; c++) sum += (in[c] - s->input_zero_point) * weights[c];
        }
      }
      out[o] = edge_code(edge_rescale(sum, s->multipliers[o], s->shifts[o]), s->output_zero_point, s->low, s->high);
    }
  }
}
