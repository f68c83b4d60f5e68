#include "edge_shorts.h"
/* FULLY_CONNECTED on int16 codes: run y is the dense layer of the y-th group of inputs. The reference rounds once, in
   double, and so do we: no integer of 64 bits tells the halves of sums of 47. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const int8_t *weights; /* (channels, depth) */
  const int64_t *bias;
  const double *factors;
  int32_t depth, channels;
  int16_t low, high;
} EdgeShortFullyConnected;
/* function */
@kernel@ void @function@(const EdgeShortFullyConnected *s, int y) {
  const int16_t *const in = edge_shorts(s->input) + y * s->depth;
  int16_t *const out = edge_shorts_out(s->output) + y * s->channels;
  for (int o = 0; o < s->channels; o++) {
    int64_t sum = s->bias[o];
    for (int i = 0; i < s->depth; i++) sum += in[i] * s->weights[o * s->depth + i];
    const double product = (double)sum * s->factors[o];
    int32_t code = product < 0 ? -40000 : 40000;
    if (product > -40000 && product < 40000) {
      const double rest = product - (double)(int32_t)product; /* exact */
      code = (int32_t)product + (rest >= 0.5) - (rest <= -0.5);
    }
    out[o] = (int16_t)edge_clamp(code, s->low, s->high);
  }
}
