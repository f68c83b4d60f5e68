#include "edge_pair.h"
/* ADD and SUB: both inputs rescaled to a common fine scale, added, rescaled. The output may overlay an input. */
typedef struct {
  EdgePair pair;
  int32_t multiplier_a, multiplier_b, multiplier;
  int16_t zero_point_a, zero_point_b, zero_point, shift_a, shift_b, shift, sign, low, high;
} EdgeAddition;
/* function */
@short_kernel@ void @function@(const EdgeAddition *s, int y) {
  (void)y;
  for (uint32_t i = 0; i < s->pair.count; i++) {
    const int32_t a = edge_pair_a(&s->pair, i) - s->zero_point_a, b = edge_pair_b(&s->pair, i) - s->zero_point_b;
    const int32_t scaled_a = edge_rescale(a * (1 << 20), s->multiplier_a, s->shift_a);
    const int32_t scaled_b = edge_rescale(b * (1 << 20), s->multiplier_b, s->shift_b) * s->sign;
    const int32_t sum = edge_rescale(scaled_a + scaled_b, s->multiplier, s->shift);
    s->pair.output[i] = edge_code(sum, s->zero_point, s->low, s->high);
  }
}
