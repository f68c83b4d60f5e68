@note Lines with at signs: codegen/sources.py. EdgeImage, edge_row and EDGE_...: edge_intrinsics.h.@
@if target planar@
#include "edge_planar.h"
@end@
#include "edge_called.h"
/* DEPTHWISE_CONV_2D of 3 x 3 taps on planar images. Weights are scaled so that one multiplication, one addition and
   one shift give the output code; two outputs at a time share what they load. */
#if EDGE_MVE && !defined(EDGE_SMALL)
typedef int32_t EdgeDepthwise3Weight; /* one instruction loads all of them into registers */
#else
typedef int16_t EdgeDepthwise3Weight;
#endif

typedef struct {
  /* Rows 0, 1, 2: left and right tap; then the middle taps of rows 0, 1, 2; then a zero. */
  EdgeDepthwise3Weight weights[10];
  int32_t bias, multiplier, rounding;
} EdgeDepthwise3Channel;

typedef struct {
  const EdgeImage *input, *output;
  const EdgeDepthwise3Channel *channels;
  uint8_t pad_top, pad_left;
} EdgeDepthwise3;
/* function */
@include depthwise3_row.c@

@called_row_kernel@ void @function@(const EdgeDepthwise3 *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  const EdgeDepthwise3Channel *channel = s->channels;
  const int start = in->left - s->pad_left, top = y * @stride_pixels@ - s->pad_top;
  const int count = (out->width + @function@_outputs - 1) / @function@_outputs;
  const uint8_t *p = edge_row(in, top) + start;
  const uint8_t *q = edge_row(in, top + 1) + start, *r = edge_row(in, top + 2) + start;
  /* Read once: for all the compiler knows, every row that is written changes them. */
  const int channels = out->channels, in_stride = in->stride;
  @if target planar@
  const int out_stride = out->stride;
  @code@ *row = edge_row(out, y) + out->left;
  @else@
  uint8_t *const row = edge_row(out, y);
  @end@
  @include depthwise3_channels.inc@
  @if target planar@
  edge_border(out, y);
  @end@
}
