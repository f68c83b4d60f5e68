/* FULLY_CONNECTED: run y is the dense layer of the y-th group of inputs. One rounding, as in the reference kernels. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const int8_t *weights; /* (channels, depth) */
  const int32_t *bias; /* less the zero point's share */
  const int64_t *multipliers;
  const int8_t *shifts;
  int32_t depth, channels;
  int16_t zero_point, low, high;
} EdgeFullyConnected;

/* sum * multiplier / 2^shift, halves upwards, clipped to 16 bits; shift in 1..62. */
EDGE_INLINE int32_t edge_rescale_once(int32_t sum, int64_t multiplier, int shift) {
  const int64_t value = (sum * multiplier + ((int64_t)1 << (shift - 1))) >> shift;
  return value < -32768 ? -32768 : value > 32767 ? 32767 : (int32_t)value;
}
/* function */
@kernel@ void @function@(const EdgeFullyConnected *s, int y) {
  const int8_t *const in = s->input + y * s->depth, *weights = s->weights;
  int8_t *const out = s->output + y * s->channels;
  for (int o = 0; o < s->channels; o++) {
#if EDGE_MVE
    const int32_t sum = edge_dot(in, weights, s->depth, s->bias[o]);
#else
    int32_t sum = s->bias[o];
    for (int i = 0; i < s->depth; i++) sum += in[i] * weights[i];
#endif
    weights += s->depth;
    out[o] = edge_code(edge_rescale_once(sum, s->multipliers[o], s->shifts[o]), s->zero_point, s->low, s->high);
  }
}
