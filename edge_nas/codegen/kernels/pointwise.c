@note Lines with at signs: codegen/sources.py. EdgeImage, edge_row and EDGE_...: edge_intrinsics.h. edge_border:@
@note edge_planar.h. Values of the places: `Variant.kernel` in pointwise_variant.py.@
@note The file that makes the sums depends on the number of input channels and on how weights lie: the table at@
@note `Variant`. In all of these files p and q are two pixels, a to d output channels, ap the sum of a at p.@
@if target planar@
#include "edge_planar.h"
@end@
/* CONV_2D of 1 x 1 taps: every output channel of a pixel is a sum over the channels of that pixel.

   A row of pairs holds two pixels p and q at a time, channel after channel, 16 bits a code:

     input     p0 p1 q0 q1   p2 p3 q2 q3   ...     then the next two pixels
     weights   w0 w1         w2 w3         ...     of one output channel; then those of the next

   A word of two codes meets a word of two weights: with DSP instructions one of them adds both products to a sum. With
   Helium a pixel is as many bytes as it has channels, or one more, code after code; 16 of them meet 16 weights. Headers
   are what makes codes of sums. How they and the weights lie, the functions say: they differ. */
typedef struct {
  const EdgeImage *input, *output;
  const int32_t *headers; /* constants of one output channel after another */
  const void *weights;    /* of one output channel after another */
  uint8_t low, high;      /* of code + 128 */
} EdgePointwise;
/* function */
@include pointwise_tables.inc@
EDGE_INLINE uint32_t @function@_code(const EdgePointwise *s, int32_t sum, const int32_t *header) {
  enum { @header@ };
  @include pointwise_scaled_@rounding@.inc@
}

@if few yes@
@include pointwise_few.inc@
@else@
@include pointwise_many.inc@
@end@
