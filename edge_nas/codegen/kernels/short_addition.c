#include "edge_pair.h"
#include "edge_shorts.h"
/* ADD and SUB on int16 codes: both inputs rescaled to a common fine scale, added, rescaled. */
typedef struct {
  EdgePair pair;
  int32_t multiplier_a, multiplier_b, multiplier;
  int16_t shift_a, shift_b, shift, sign, low, high;
} EdgeShortAddition;
/* function */
@short_kernel@ void @function@(const EdgeShortAddition *s, int y) {
  int16_t *output = edge_shorts_out(s->pair.output);
  (void)y;
  for (uint32_t row = 0; row < edge_pair_rows(&s->pair); row++) {
    const int16_t *p = edge_shorts(s->pair.a) + edge_pair_row(&s->pair, s->pair.strides_a, row);
    const int16_t *q = edge_shorts(s->pair.b) + edge_pair_row(&s->pair, s->pair.strides_b, row);
    uint32_t left = s->pair.shape[3]; /* elements */
    EDGE_UNKNOWN(left);
    for (; left > 0; left--, p += s->pair.strides_a[3], q += s->pair.strides_b[3]) {
      const int32_t scaled_a = edge_rescale(*p * (1 << 15), s->multiplier_a, s->shift_a);
      const int32_t scaled_b = edge_rescale(*q * (1 << 15), s->multiplier_b, s->shift_b) * s->sign;
      const int32_t sum = edge_rescale(scaled_a + scaled_b, s->multiplier, s->shift);
      *output++ = (int16_t)edge_clamp(sum, s->low, s->high);
    }
  }
}
