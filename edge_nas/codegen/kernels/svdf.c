/* SVDF: filters weigh the input, then their results of the last calls, the newest last; a unit adds up `rank` filters. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  void *state;               /* (filters, memory) */
  const int8_t *weights;     /* (filters, inputs) */
  const void *time_weights;  /* (filters, memory), as wide as the state */
  const int32_t *feature_bias, *bias; /* of filters and of units, with the zero points' shares */
  int32_t state_multiplier, output_multiplier;
  int32_t state_zero_point, state_low, state_high;
  int32_t inputs, units, rank, memory;
  int16_t output_zero_point;
  int8_t state_shift, output_shift;
} EdgeSvdf;
/* function */
@kernel@ void @function@(const EdgeSvdf *s, int y) {
  @state@_t *state = (@state@_t *)s->state;
  const @state@_t *time = (const @state@_t *)s->time_weights;
  const int8_t *weights = s->weights;
  const int32_t *feature_bias = s->feature_bias;
  (void)y;
  for (int u = 0; u < s->units; u++) {
    uint32_t sum = (uint32_t)s->bias[u]; /* modulo 2^32, as the reference adds up */
    for (int r = 0; r < s->rank; r++) {
      int32_t feature = *feature_bias++;
      for (int i = 0; i < s->inputs; i++) feature += s->input[i] * weights[i];
      weights += s->inputs;
      for (int i = 0; i + 1 < s->memory; i++) {
        state[i] = state[i + 1];
        sum += (uint32_t)(state[i] * time[i]);
      }
      const int32_t result = edge_rescale(feature, s->state_multiplier, s->state_shift);
      /* Clipped first, and modulo 2^8 then, as tflite-micro does. */
      const int32_t clipped = edge_clamp(result, s->state_low, s->state_high);
      const @state@_t newest = (@state@_t)(uint32_t)(clipped + s->state_zero_point);
      state[s->memory - 1] = newest;
      sum += (uint32_t)(newest * time[s->memory - 1]);
      state += s->memory;
      time += s->memory;
    }
    const int32_t code = edge_rescale((int32_t)sum, s->output_multiplier, s->output_shift);
    s->output[u] = edge_code(code, s->output_zero_point, -128, 127);
  }
}
