#include "edge_shorts.h"
/* CONV_2D and DEPTHWISE_CONV_2D on flat images of int16 codes. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const int8_t *weights; /* (output channels, window, inputs of each), or (window, output channels) of a depthwise one */
  const int64_t *bias;
  const int16_t *multipliers;
  const int8_t *shifts;
  int16_t height, width, depth, rows, columns, channels;
  int16_t window_height, window_width, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
  int16_t per_input, low, high; /* per_input: outputs of an input channel, of a depthwise one; else 0 */
} EdgeShortConvolution;
/* function */
@kernel@ void @function@(const EdgeShortConvolution *s, int y) {
  for (int x = 0; x < s->columns; x++) {
    int16_t *const out = edge_shorts_out(s->output) + (y * s->columns + x) * s->channels;
    for (int o = 0; o < s->channels; o++) {
      int64_t sum = s->bias[o];
      for (int ky = 0; ky < s->window_height; ky++) {
        const int iy = y * s->stride_y - s->pad_top + ky * s->dilation_y;
        for (int kx = 0; kx < s->window_width; kx++) {
          const int ix = x * s->stride_x - s->pad_left + kx * s->dilation_x;
          if (iy < 0 || iy >= s->height || ix < 0 || ix >= s->width) continue;
          const int16_t *const in = edge_shorts(s->input) + (iy * s->width + ix) * s->depth;
          const int tap = ky * s->window_width + kx;
          if (s->per_input) {
            sum += in[o / s->per_input] * s->weights[tap * s->channels + o];
          } else {
            const int8_t *const weights = s->weights + (o * s->window_height * s->window_width + tap) * s->depth;
            for (int c = 0; c < s->depth; c++) sum += in[c] * weights[c];
          }
        }
      }
      out[o] = edge_short_code(sum, s->multipliers[o], s->shifts[o], s->low, s->high);
    }
  }
}
