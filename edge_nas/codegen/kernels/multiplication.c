#include "edge_pair.h"
/* MUL, element by element. The output may overlay an input of its shape. */
typedef struct {
  EdgePair pair;
  int32_t multiplier;
  int16_t shift, zero_point_a, zero_point_b, zero_point, low, high;
} EdgeMultiplication;
/* function */
@short_kernel@ void @function@(const EdgeMultiplication *s, int y) {
  int32_t multiplier = s->multiplier;
  EDGE_UNKNOWN(multiplier);
  int8_t *output = s->pair.output;
  (void)y;
  for (uint32_t row = 0; row < edge_pair_rows(&s->pair); row++) {
    const int8_t *p = s->pair.a + edge_pair_row(&s->pair, s->pair.strides_a, row);
    const int8_t *q = s->pair.b + edge_pair_row(&s->pair, s->pair.strides_b, row);
    uint32_t left = s->pair.shape[3]; /* elements */
    EDGE_UNKNOWN(left);
    for (; left > 0; left--, p += s->pair.strides_a[3], q += s->pair.strides_b[3]) {
      const int32_t a = *p - s->zero_point_a, b = *q - s->zero_point_b;
      *output++ = edge_code(edge_rescale(a * b, multiplier, s->shift), s->zero_point, s->low, s->high);
    }
  }
}
