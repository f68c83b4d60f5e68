@note Lines with at signs: codegen/sources.py. EdgeImage, edge_row and EDGE_...: edge_intrinsics.h.@
#include "edge_blocks.h"
/* FULLY_CONNECTED, four outputs at a time: run y is the layer of the y-th group of inputs. One rounding, as in the
   reference kernels. */
typedef struct {
  int32_t multiplier, rounding, shift; /* code = clip((sum * multiplier / 2^32 + rounding) / 2^shift) */
} EdgeOnce;

typedef struct {
  const int8_t *input;
  int8_t *output;
  const EdgeBlockWeight *weights; /* see edge_block_sums */
  const int32_t *bias; /* less the zero point's share */
  const EdgeOnce *scales; /* one for all outputs, or one each */
  int32_t depth, channels;
  int16_t low, high;
} EdgeFullyConnectedBlocks;
/* function */
@kernel@ void @function@(const EdgeFullyConnectedBlocks *s, int y) {
  const int8_t *const in = s->input + y * s->depth;
  int8_t *out = s->output + y * s->channels;
  const EdgeBlockWeight *weights = s->weights;
  const int32_t *bias = s->bias;
  @if scales each@
  const EdgeOnce *scales = s->scales;
  @end@
  for (int left = s->channels; left > 0; left -= 4, bias += 4) {
    int32_t sums[4] = {bias[0], bias[1], bias[2], bias[3]};
    weights = edge_block_sums(in, weights, s->depth, sums);
    const int count = edge_min(left, 4);
    @if scales one@
    const EdgeOnce scale = *s->scales; /* here, so that it takes no registers of the sums */
    @end@
    for (int i = 0; i < count; i++) {
      @if scales each@
      const EdgeOnce scale = *scales++;
      @end@
      const int32_t code = edge_smmla(sums[i], scale.multiplier, scale.rounding) >> scale.shift;
      @if range full@
      *out++ = (int8_t)EDGE_SSAT8(code, 0);
      @else@
      *out++ = (int8_t)edge_clamp(code, s->low, s->high);
      @end@
    }
  }
}
