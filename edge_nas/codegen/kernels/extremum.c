#include "edge_pair.h"
/* MAXIMUM and MINIMUM, element by element. The output may overlay an input of its shape. */
typedef struct {
  EdgePair pair;
  uint8_t largest;
} EdgeExtremum;
/* function */
@short_kernel@ void @function@(const EdgeExtremum *s, int y) {
  (void)y;
  for (uint32_t i = 0; i < s->pair.count; i++) {
    const int32_t a = edge_pair_a(&s->pair, i), b = edge_pair_b(&s->pair, i);
    s->pair.output[i] = (int8_t)(s->largest ? edge_max(a, b) : edge_min(a, b));
  }
}
