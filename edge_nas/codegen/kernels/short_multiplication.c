#include "edge_pair.h"
#include "edge_shorts.h"
/* MUL on int16 codes, element by element. */
typedef struct {
  EdgePair pair;
  int32_t multiplier;
  int16_t shift, low, high;
} EdgeShortMultiplication;
/* function */
@short_kernel@ void @function@(const EdgeShortMultiplication *s, int y) {
  (void)y;
  for (uint32_t i = 0; i < s->pair.count; i++) {
    const int32_t product = edge_pair_short_a(&s->pair, i) * edge_pair_short_b(&s->pair, i);
    const int32_t value = edge_rescale(product, s->multiplier, s->shift);
    edge_shorts_out(s->pair.output)[i] = (int16_t)edge_clamp(value, s->low, s->high);
  }
}
