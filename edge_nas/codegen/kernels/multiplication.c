#include "edge_pair.h"
/* MUL, element by element. The output may overlay an input of its shape. */
typedef struct {
  EdgePair pair;
  int32_t multiplier;
  int16_t shift, zero_point_a, zero_point_b, zero_point, low, high;
} EdgeMultiplication;
/* function */
@short_kernel@ void @function@(const EdgeMultiplication *s, int y) {
  (void)y;
  for (uint32_t i = 0; i < s->pair.count; i++) {
    const int32_t a = edge_pair_a(&s->pair, i) - s->zero_point_a, b = edge_pair_b(&s->pair, i) - s->zero_point_b;
    s->pair.output[i] = edge_code(edge_rescale(a * b, s->multiplier, s->shift), s->zero_point, s->low, s->high);
  }
}
