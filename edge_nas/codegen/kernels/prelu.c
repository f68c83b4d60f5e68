#include "edge_pair.h"
/* PRELU, element by element. The output may overlay the input. */
typedef struct {
  EdgePair pair;
  int32_t positive, negative;
  int16_t positive_shift, negative_shift, zero_point_a, zero_point_b, zero_point;
} EdgePrelu;
/* function */
@short_kernel@ void @function@(const EdgePrelu *s, int y) {
  int8_t *output = s->pair.output;
  (void)y;
  for (uint32_t row = 0; row < edge_pair_rows(&s->pair); row++) {
    const int8_t *p = s->pair.a + edge_pair_row(&s->pair, s->pair.strides_a, row);
    const int8_t *q = s->pair.b + edge_pair_row(&s->pair, s->pair.strides_b, row);
    uint32_t left = s->pair.shape[3]; /* elements */
    EDGE_UNKNOWN(left);
    for (; left > 0; left--, p += s->pair.strides_a[3], q += s->pair.strides_b[3]) {
      const int32_t a = *p - s->zero_point_a, b = *q - s->zero_point_b;
      const int32_t value = a >= 0 ? edge_rescale(a, s->positive, s->positive_shift)
                                   : edge_rescale(a * b, s->negative, s->negative_shift);
      *output++ = edge_code(value, s->zero_point, -128, 127);
    }
  }
}
