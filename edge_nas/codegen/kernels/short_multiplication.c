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
  int16_t *output = edge_shorts_out(s->pair.output);
  (void)y;
  for (uint32_t row = 0; row < edge_pair_rows(&s->pair); row++) {
    const int16_t *p = edge_shorts(s->pair.a) + edge_pair_row(&s->pair, s->pair.strides_a, row);
    const int16_t *q = edge_shorts(s->pair.b) + edge_pair_row(&s->pair, s->pair.strides_b, row);
    uint32_t left = s->pair.shape[3]; /* elements */
    EDGE_UNKNOWN(left);
    for (; left > 0; left--, p += s->pair.strides_a[3], q += s->pair.strides_b[3]) {
      const int32_t value = edge_rescale(*p * *q, s->multiplier, s->shift);
      *output++ = (int16_t)edge_clamp(value, s->low, s->high);
    }
  }
}
