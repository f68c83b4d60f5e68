#include "edge_shorts.h"
/* QUANTIZE from int16 to int16 codes of another scale. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  uint32_t count;
  int32_t multiplier;
  int8_t shift;
} EdgeShortRequantization;
/* function */
@short_kernel@ void @function@(const EdgeShortRequantization *s, int y) {
  (void)y;
  for (uint32_t i = 0; i < s->count; i++) {
    const int32_t value = edge_rescale(edge_shorts(s->input)[i], s->multiplier, s->shift);
    edge_shorts_out(s->output)[i] = (int16_t)edge_clamp(value, -32768, 32767);
  }
}
