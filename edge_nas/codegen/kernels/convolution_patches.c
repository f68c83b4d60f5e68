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

/* Gathers the part of a window that lies in one row of the image, of `size` pixels from column `left` on. */
EDGE_INLINE int8_t *edge_patch_row(int8_t *to, const int8_t *row, int left, int taps, int dilation, int size,
                                   int depth, int zero) {
  const int first = row ? edge_inside_first(left, dilation) : taps;
  const int last = row ? edge_inside_last(left, dilation, taps, size) : taps;
  const int skipped = edge_min(first, taps) * depth;
  memset(to, zero, (size_t)skipped);
  to += skipped;
  if (dilation == 1 && last > first) {
    memcpy(to, row + (left + first) * depth, (size_t)((last - first) * depth));
    to += (last - first) * depth;
  } else {
    for (int k = first; k < last; k++, to += depth)
      memcpy(to, row + (left + k * dilation) * depth, (size_t)depth);
  }
  const int behind = (taps - edge_max(last, edge_min(first, taps))) * depth;
  memset(to, zero, (size_t)behind);
  return to + behind;
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
    int8_t *to = patch;
    for (int ky = 0, at = y * s->stride_y - s->pad_top; ky < window_height; ky++, at += s->dilation_y) {
      const int8_t *const row = at >= 0 && at < s->height ? (const int8_t *)edge_row(in, at) : 0;
      to = edge_patch_row(to, row, left, columns, s->dilation_x, in->width, depth, s->zero);
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
