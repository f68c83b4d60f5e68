#include "edge_pair.h"
/* PRELU, element by element. The output may overlay the input. */
typedef struct {
  EdgePair pair;
  int32_t positive, negative;
  int16_t positive_shift, negative_shift, zero_point_a, zero_point_b, zero_point;
} EdgePrelu;
/* function */
@short_kernel@ void @function@(const EdgePrelu *s, int y) {
  (void)y;
  for (uint32_t i = 0; i < s->pair.count; i++) {
    const int32_t a = edge_pair_a(&s->pair, i) - s->zero_point_a, b = edge_pair_b(&s->pair, i) - s->zero_point_b;
    const int32_t value = a >= 0 ? edge_rescale(a, s->positive, s->positive_shift)
                                 : edge_rescale(a * b, s->negative, s->negative_shift);
    s->pair.output[i] = edge_code(value, s->zero_point, -128, 127);
  }
}
