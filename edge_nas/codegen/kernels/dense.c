@note Lines with at signs: codegen/sources.py. EdgeImage, edge_row and EDGE_...: edge_intrinsics.h.@
@if target planar@
#include "edge_planar.h"
@end@
#include "edge_called.h"
#include "edge_dense.h"
/* CONV_2D of any window on rows of pixels: four output channels a, b, c, d of two pixels at a time.

   A window is a few stretches of neighbouring codes: one for each of its rows, or with dilation one for each tap. Of
   every stretch, weights lie in the order in which they are wanted, for each block of four outputs (zeros behind the
   last):

     portable  per code:        a b c d                    four bytes
     DSP       per two codes:   ab0 ab1 | cd0 cd1          two words of two lanes of 16 bits; zeros behind an odd stretch
     Helium    per two outputs: a0 a1 ... (all stretches), then b0 b1 ...

   A lane holds two weights, ab = 256 * b + a. What it adds up is T = 256 * Sb + Sa; its low byte, widened, adds up Sa.
   Then Sb = (T - Sa) / 256, exact where Sb fits into 24 bits, which is proven for these weights. */
typedef struct {
  const EdgeImage *input, *output;
  const EdgeDenseChannels *channels;
  const EdgeDenseWeight *weights;
  uint16_t codes;         /* of one stretch */
  uint8_t stretches, window_width; /* of a window; stretches in one of its rows */
  uint8_t stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
  int16_t low, high;      /* codes, of planes code + 128 */
} EdgeDense;

enum { EDGE_DENSE_STRETCHES = 64 };
/* function */
/* Here the distance between two pixels is no constant: one function does for all. */
#define @function@ @base@
#ifndef EDGE_HAS_@base@
#define EDGE_HAS_@base@
@include dense_code.inc@

@called_kernel@ void @function@(const EdgeDense *s, int y) {
  @include dense_stretches.inc@
  uint8_t *const row = edge_row(out, y);
  int offset = (in->left - s->pad_left) * in->channels;
  for (int x = 0; x < out->width; x += 2, offset += 2 * distance) {
    const EdgeDenseChannels *k = s->channels;
    const EdgeDenseWeight *weights = s->weights;
    const int two = x + 1 < out->width;
    @if target planar@
    uint8_t *o = row + out->left + x;
    const int next = 1, channel_stride = out->stride;
    @else@
    uint8_t *o = row + x * out->channels;
    const int next = out->channels, channel_stride = 1;
    @end@
    for (int left = out->channels; left > 0; left -= 4) {
      int32_t sums[8] = {0, 0, 0, 0, 0, 0, 0, 0};
      weights = edge_dense_block(stretches, offset, weights, sums, distance, count, s->codes);
      const int32_t *sum = sums;
      for (int i = edge_min(left, 4); i > 0; i--, o += channel_stride, k++, sum += 2) {
        const EdgeDenseChannels channel = *k; /* for all the compiler knows, `o` may be a part of `k` */
        const uint8_t first = @function@_code(s, sum[0], &channel), second = @function@_code(s, sum[1], &channel);
        o[0] = first;
        if (two) o[next] = second;
      }
    }
  }
  @if target planar@
  edge_border(out, y);
  @end@
}
#endif
