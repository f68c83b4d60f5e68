#include "edge_blocks.h"
#include "edge_inside.h"
#include "edge_rounded.h"
/* CONV_2D of any window, stride and dilation on flat images, without further memory in the arena: a window's codes are
   gathered, the zero point where it lies outside, and go through blocks of four outputs like a dense layer. */
typedef struct {
  const EdgeImage *input, *output;
  const EdgeBlockWeight *weights; /* see edge_block_sums; per output (window height, window width, input channels) */
  const EdgeRounded *channels;    /* bias: less the zero point's share */
  uint16_t height; /* of the input */
  uint8_t window_height, window_width, stride_y, stride_x, dilation_y, dilation_x;
  int16_t pad_top, pad_left, zero, low, high;
} EdgeConvolutionPatches;

enum { EDGE_PATCH_CODES = 1152 };

/* How many codes of a row of the window lie before the image, inside, and behind. */
typedef struct {
  int before, inside, behind;
} EdgePatchRow;

/* Gathers what lies in a row of the image, of which `row` is the first code inside. */
EDGE_INLINE int8_t *edge_patch_row(int8_t *to, const int8_t *row, const EdgePatchRow *codes, int dilation, int depth,
                                   int zero) {
  if (codes->before) memset(to, zero, (size_t)codes->before);
  to += codes->before;
  if (dilation == 1) {
    memcpy(to, row, (size_t)codes->inside);
    to += codes->inside;
  } else {
    for (const int8_t *const end = to + codes->inside; to != end; to += depth, row += dilation * depth)
      memcpy(to, row, (size_t)depth);
  }
  if (codes->behind) memset(to, zero, (size_t)codes->behind);
  return to + codes->behind;
}
/* function */
@kernel@ void @function@(const EdgeConvolutionPatches *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  int depth = in->channels, columns = s->window_width, window_height = s->window_height;
  EDGE_UNKNOWN(depth);
  EDGE_UNKNOWN(columns);
  EDGE_UNKNOWN(window_height);
  const int codes = window_height * columns * depth;
  int8_t patch[EDGE_PATCH_CODES] EDGE_ALIGNED(4);
  int8_t *o = (int8_t *)edge_row(out, y);
  for (int x = 0, left = -s->pad_left; x < out->width; x++, left += s->stride_x) {
    const int first = edge_min(edge_inside_first(left, s->dilation_x), columns);
    const int inside = edge_max(edge_inside_last(left, s->dilation_x, columns, in->width) - first, 0);
    const EdgePatchRow row = {first * depth, inside * depth, (columns - first - inside) * depth};
    const int offset = inside ? (left + first * s->dilation_x) * depth : 0;
    int8_t *to = patch;
    for (int ky = 0, at = y * s->stride_y - s->pad_top; ky < window_height; ky++, at += s->dilation_y) {
      if (at >= 0 && at < s->height) {
        to = edge_patch_row(to, (const int8_t *)edge_row(in, at) + offset, &row, s->dilation_x, depth, s->zero);
      } else {
        memset(to, s->zero, (size_t)(columns * depth));
        to += columns * depth;
      }
    }
    const EdgeBlockWeight *weights = s->weights;
    const EdgeRounded *channel = s->channels;
    for (int c = out->channels; c > 0; c -= 4) {
      int32_t sums[4] = {channel[0].bias, channel[1].bias, channel[2].bias, channel[3].bias};
      weights = edge_block_sums(patch, weights, codes, sums);
      const int count = edge_min(c, 4);
      for (int i = 0; i < count; i++) *o++ = edge_rounded_code(sums[i], channel++, s->low, s->high);
    }
  }
}
