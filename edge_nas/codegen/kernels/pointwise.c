@if target planar@
#include "edge_planar.h"
@end@
/* CONV_2D of 1 x 1 taps: every output channel of a pixel is a sum over the channels of that pixel.

   A row of pairs holds two pixels p and q at a time, channel after channel, 16 bits a code:

     input     p0 p1 q0 q1   p2 p3 q2 q3   ...     then the next two pixels
     weights   w0 w1         w2 w3         ...     of one output channel; then those of the next

   A word of two codes meets a word of two weights: with DSP instructions one of them adds both products to a sum. With
   Helium a pixel is so many bytes, one after another, and 16 of them meet 16 weights. `headers` has what makes codes of
   sums. */
typedef struct {
  const EdgeImage *input, *output;
  const int32_t *headers; /* per output channel, zeros up to a multiple of four of these: bias, multiplier, rounding,
                             and the shift of linear outputs; with Helium bias, multiplier, -shift[, zero] */
  const void *weights;    /* per output channel int16_t, one per input channel, and a zero if these are odd; or, scaled
                             later by a fourth constant, int8_t, in every four the second and the third interchanged,
                             or in their order, with DSP instructions two channels to a lane; zeros as above;
                             with Helium int8_t, one per byte of a pixel; beyond 16 of them, whole vectors */
  uint8_t low, high;
} EdgePointwise;
/* function */
EDGE_INLINE uint32_t @function@_code(const EdgePointwise *s, int32_t sum, const int32_t *header) {
  @include pointwise_scaled_@rounding@.inc@
}

@if few yes@
@include pointwise_few.inc@
@else@
@include pointwise_many.inc@
@end@
