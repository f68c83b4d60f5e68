#include "edge_fixed16.h"
#include "edge_lstm.h"
/* UNIDIRECTIONAL_SEQUENCE_LSTM, a sum after the other: run y is moment y. */
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
/* function */
@kernel@ void @function@(const EdgeSequenceLstm *s, int y) {
  const int8_t *const in = s->input + y * s->inputs;
  int8_t *const out = s->output + y * s->units;
  int16_t *const cell = (int16_t *)s->cell;
  for (int u = 0; u < s->units; u++) {
    int32_t gates[4];
    for (int gate = 0; gate < 4; gate++) {
      const int32_t row = gate * s->units + u;
      const int8_t *const recurrent_weights = s->recurrent_weights + row * s->units;
      const int32_t given = edge_lstm_sum(in, s->weights + row * s->inputs, s->inputs, s->bias[row]);
      const int32_t kept = edge_lstm_sum(s->hidden, recurrent_weights, s->units, s->recurrent_bias[row]);
      gates[gate] = edge_lstm_gate(edge_rescale(given, s->multipliers[gate], s->shifts[gate]),
                                   edge_rescale(kept, s->recurrent_multipliers[gate], s->recurrent_shifts[gate]));
    }
    const int32_t hidden = edge_lstm_hidden(gates, &cell[u], s->cell_bits, s->cell_clip);
    const int32_t code = edge_rescale(hidden, s->hidden_multiplier, s->hidden_shift);
    out[u] = edge_code(code, s->hidden_zero_point, -128, 127);
  }
  memcpy(s->hidden, out, (size_t)s->units);
}
