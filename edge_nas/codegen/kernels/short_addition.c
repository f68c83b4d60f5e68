#include "edge_pair.h"
#include "edge_shorts.h"
/* ADD and SUB on int16 codes: both inputs rescaled to a common fine scale, added, rescaled. */
typedef struct {
  EdgePair pair;
  int32_t multiplier_a, multiplier_b, multiplier;
  int16_t shift_a, shift_b, shift, sign, low, high;
} EdgeShortAddition;
/* function */
@short_kernel@ void @function@(const EdgeShortAddition *s, int y) {
  (void)y;
  for (uint32_t i = 0; i < s->pair.count; i++) {
    const int32_t a = edge_pair_short_a(&s->pair, i), b = edge_pair_short_b(&s->pair, i);
    const int32_t scaled_a = edge_rescale(a * (1 << 15), s->multiplier_a, s->shift_a);
    const int32_t scaled_b = edge_rescale(b * (1 << 15), s->multiplier_b, s->shift_b) * s->sign;
    const int32_t sum = edge_rescale(scaled_a + scaled_b, s->multiplier, s->shift);
    edge_shorts_out(s->pair.output)[i] = (int16_t)edge_clamp(sum, s->low, s->high);
  }
}
