#include "edge_fixed16.h"
/* UNIDIRECTIONAL_SEQUENCE_LSTM: run y is moment y. Gates in the order input, forget, cell, output. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  int8_t *hidden; /* codes of the last moment */
  void *cell;     /* int16_t for each unit, with 15 - cell_bits fractional bits */
  const int8_t *weights, *recurrent_weights; /* (4, units, inputs) and (4, units, units) */
  const int32_t *bias, *recurrent_bias;      /* (4, units), less the zero points' shares */
  int32_t multipliers[4], recurrent_multipliers[4], hidden_multiplier;
  int8_t shifts[4], recurrent_shifts[4], hidden_shift, cell_bits;
  int16_t hidden_zero_point, cell_clip, inputs, units;
} EdgeSequenceLstm;

EDGE_OFTEN int32_t edge_lstm_sum(const int8_t *codes, const int8_t *weights, int count, int32_t sum) {
  for (int i = 0; i < count; i++) sum += codes[i] * weights[i];
  return sum;
}

/* What a gate gives a unit, with 12 fractional bits: clipped after each of both sums. */
EDGE_OFTEN int32_t edge_lstm_gate(const EdgeSequenceLstm *s, const int8_t *in, int gate, int unit) {
  const int32_t row = gate * s->units + unit;
  const int32_t first = edge_lstm_sum(in, s->weights + row * s->inputs, s->inputs, s->bias[row]);
  const int32_t second = edge_lstm_sum(s->hidden, s->recurrent_weights + row * s->units, s->units, s->recurrent_bias[row]);
  const int32_t value = edge_short(edge_rescale(first, s->multipliers[gate], s->shifts[gate]));
  const int32_t more = edge_rescale(second, s->recurrent_multipliers[gate], s->recurrent_shifts[gate]);
  return edge_short(edge_clamp(more, -65536, 65535) + value);
}
/* function */
@kernel@ void @function@(const EdgeSequenceLstm *s, int y) {
  const int8_t *const in = s->input + y * s->inputs;
  int8_t *const out = s->output + y * s->units;
  int16_t *const cell = (int16_t *)s->cell;
  for (int u = 0; u < s->units; u++) {
    const int32_t entry = edge_short_sigmoid(edge_lstm_gate(s, in, 0, u));
    const int32_t forget = edge_short_sigmoid(edge_lstm_gate(s, in, 1, u));
    const int32_t update = edge_short_tanh(edge_lstm_gate(s, in, 2, u), 3);
    const int32_t leave = edge_short_sigmoid(edge_lstm_gate(s, in, 3, u));
    const int32_t kept = edge_divide_by_power(forget * cell[u], 15);
    int32_t now = edge_short(kept + edge_divide_by_power(entry * update, 15 + s->cell_bits));
    if (s->cell_clip) now = edge_clamp(now, -s->cell_clip, s->cell_clip);
    cell[u] = (int16_t)now;
    const int32_t product = leave * edge_short_tanh(now, s->cell_bits);
    const int32_t code = edge_rescale(product, s->hidden_multiplier, s->hidden_shift);
    out[u] = edge_code(code, s->hidden_zero_point, -128, 127);
  }
  memcpy(s->hidden, out, (size_t)s->units);
}
