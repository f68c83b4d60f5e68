@note Lines with at signs: codegen/sources.py. EdgeImage, edge_row and EDGE_...: edge_intrinsics.h.@
@if target planar@
#include "edge_planar.h"
@end@
#include "edge_called.h"
/* RESIZE_NEAREST_NEIGHBOR by 2 and DEPTHWISE_CONV_2D of 3 x 3 taps in one: of the nine taps, those that meet the same
   small pixel are summed beforehand, so that 2 x 2 remain and the large image never exists. Which are summed depends
   on whether the output's row and column are even. */
#if EDGE_MVE && !defined(EDGE_SMALL)
typedef int32_t EdgeDepthwise3Up2Weight; /* one instruction loads those of a row into registers */
#else
typedef int16_t EdgeDepthwise3Up2Weight;
#endif

typedef struct {
  int32_t bias, multiplier, rounding;
  EdgeDepthwise3Up2Weight weights[2][8]; /* [0]: of even rows, [1]: of odd rows; each upper left, lower left, upper right, lower right
                            for even columns, then the same for odd ones */
} EdgeDepthwise3Up2Channel;

typedef struct {
  const EdgeImage *input, *output;
  const EdgeDepthwise3Up2Channel *channels;
} EdgeDepthwise3Up2;
/* function */
@include depthwise3_up2_row.c@

@called_row_kernel@ void @function@(const EdgeDepthwise3Up2 *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  const EdgeDepthwise3Up2Channel *channel = s->channels;
  const int upper = (y + 1) / 2 - 1;
  const uint8_t *p = edge_row(in, upper) + in->left - 1, *q = edge_row(in, upper + 1) + in->left - 1;
  uint8_t *const row = edge_row(out, y);
  for (int c = 0; c < out->channels; c++, channel++, p += in->stride, q += in->stride) {
    @if target planar@
    @function@_row(p, q, channel, channel->weights[y % 2], row + c * out->stride + out->left, p + in->width);
    @else@
    @function@_row(p, q, channel, channel->weights[y % 2], edge_pair_channel(row, c), p + in->width@pair_passed@);
    @end@
  }
  @if target planar@
  edge_border(out, y);
  @end@
}
