#include "edge_pair.h"
/* SQUARED_DIFFERENCE: both inputs rescaled to a common scale, the square of their difference rescaled. The output may
   overlay an input. */
typedef struct {
  EdgePair pair;
  int32_t multiplier_a, multiplier_b, multiplier;
  int16_t zero_point_a, zero_point_b, zero_point, shift_a, shift_b, shift;
} EdgeSquaredDifference;
/* function */
@short_kernel@ void @function@(const EdgeSquaredDifference *s, int y) {
  int8_t *output = s->pair.output;
  (void)y;
  for (uint32_t row = 0; row < edge_pair_rows(&s->pair); row++) {
    const int8_t *p = s->pair.a + edge_pair_row(&s->pair, s->pair.strides_a, row);
    const int8_t *q = s->pair.b + edge_pair_row(&s->pair, s->pair.strides_b, row);
    uint32_t left = s->pair.shape[3]; /* elements */
    EDGE_UNKNOWN(left);
    for (; left > 0; left--, p += s->pair.strides_a[3], q += s->pair.strides_b[3]) {
      const int32_t a = edge_rescale((*p - s->zero_point_a) * (1 << 7), s->multiplier_a, s->shift_a);
      const int32_t b = edge_rescale((*q - s->zero_point_b) * (1 << 7), s->multiplier_b, s->shift_b);
      *output++ = edge_code(edge_rescale((a - b) * (a - b), s->multiplier, s->shift), s->zero_point, -128, 127);
    }
  }
}
