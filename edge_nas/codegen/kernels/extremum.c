#include "edge_pair.h"
/* MAXIMUM and MINIMUM, element by element. The output may overlay an input of its shape. */
typedef struct {
  EdgePair pair;
  uint8_t largest;
} EdgeExtremum;
/* function */
@short_kernel@ void @function@(const EdgeExtremum *s, int y) {
  int8_t *output = s->pair.output;
  (void)y;
  for (uint32_t row = 0; row < edge_pair_rows(&s->pair); row++) {
    const int8_t *p = s->pair.a + edge_pair_row(&s->pair, s->pair.strides_a, row);
    const int8_t *q = s->pair.b + edge_pair_row(&s->pair, s->pair.strides_b, row);
    uint32_t left = s->pair.shape[3]; /* elements */
    EDGE_UNKNOWN(left);
    for (; left > 0; left--, p += s->pair.strides_a[3], q += s->pair.strides_b[3]) {
      *output++ = (int8_t)(s->largest ? edge_max(*p, *q) : edge_min(*p, *q));
    }
  }
}
