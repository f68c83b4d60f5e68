#include "edge_pair.h"
/* ADD and SUB: both inputs rescaled to a common fine scale, added, rescaled. The output may overlay an input. */
typedef struct {
  EdgePair pair;
  int32_t multiplier_a, multiplier_b, multiplier;
  int16_t zero_point_a, zero_point_b, zero_point, shift_a, shift_b, shift, sign, low, high;
} EdgeAddition;
/* function */
@short_kernel@ void @function@(const EdgeAddition *s, int y) {
  int8_t *output = s->pair.output;
  (void)y;
  for (uint32_t row = 0; row < edge_pair_rows(&s->pair); row++) {
    const int8_t *p = s->pair.a + edge_pair_row(&s->pair, s->pair.strides_a, row);
    const int8_t *q = s->pair.b + edge_pair_row(&s->pair, s->pair.strides_b, row);
    uint32_t left = s->pair.shape[3]; /* elements */
    EDGE_UNKNOWN(left);
    for (; left > 0; left--, p += s->pair.strides_a[3], q += s->pair.strides_b[3]) {
      const int32_t a = *p - s->zero_point_a, b = *q - s->zero_point_b;
      const int32_t scaled_a = edge_rescale(a * (1 << 20), s->multiplier_a, s->shift_a);
      const int32_t scaled_b = edge_rescale(b * (1 << 20), s->multiplier_b, s->shift_b) * s->sign;
      const int32_t sum = edge_rescale(scaled_a + scaled_b, s->multiplier, s->shift);
      *output++ = edge_code(sum, s->zero_point, s->low, s->high);
    }
  }
}
