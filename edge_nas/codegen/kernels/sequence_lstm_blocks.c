#include "edge_blocks.h"
#include "edge_fixed16.h"
#include "edge_lstm.h"
/* UNIDIRECTIONAL_SEQUENCE_LSTM, the four gates of a unit at a time: run y is moment y. Sums are below 2^30. */
typedef struct {
  int32_t multiplier, rounding;
  int16_t left, shift;
} EdgeLstmScale;

/* sum * multiplier / 2^(31 + shift), rounded twice as the reference kernels do; rounding: 2^shift / 2. */
EDGE_INLINE int32_t edge_lstm_narrowed(int32_t sum, const EdgeLstmScale *scale) {
  const int32_t high = edge_smmulr(2 * sum, scale->multiplier);
  return (high + (high >> 31) + scale->rounding) >> scale->shift;
}

/* sum * 2^(left - 1) * multiplier / 2^(30 + shift): one bit more, so that a shift by none rounds like others. */
EDGE_INLINE int32_t edge_lstm_scaled(int32_t sum, const EdgeLstmScale *scale) {
  const int32_t high = edge_smmulr(edge_shift_left(sum, scale->left), scale->multiplier);
  return (2 * high + (high >> 31) + scale->rounding) >> scale->shift;
}

typedef struct {
  const int8_t *input;
  int8_t *output;
  int8_t *hidden; /* codes of the last moment */
  void *cell;     /* int16_t for each unit, with 15 - cell_bits fractional bits */
  const EdgeBlockWeight *weights, *recurrent_weights; /* of each unit a block of its gates, see edge_block_sums */
  const int32_t *bias, *recurrent_bias;               /* (units, 4), less the zero points' shares */
  const EdgeLstmScale *scales; /* of each gate, over inputs and over hidden codes */
  EdgeLstmScale hidden_scale;
  int16_t hidden_zero_point, cell_clip, inputs, units;
} EdgeSequenceLstmBlocks;
/* function */
@kernel@ void @function@(const EdgeSequenceLstmBlocks *s, int y) {
  const int8_t *const in = s->input + y * s->inputs;
  int8_t *const out = s->output + y * s->units;
  int16_t *const cell = (int16_t *)s->cell;
  const EdgeBlockWeight *weights = s->weights, *recurrent_weights = s->recurrent_weights;
  const int32_t *bias = s->bias, *recurrent_bias = s->recurrent_bias;
  for (int u = 0; u < s->units; u++, bias += 4, recurrent_bias += 4) {
    int32_t sums[4] = {bias[0], bias[1], bias[2], bias[3]};
    int32_t recurrent_sums[4] = {recurrent_bias[0], recurrent_bias[1], recurrent_bias[2], recurrent_bias[3]};
    weights = edge_block_sums(in, weights, s->inputs, sums);
    recurrent_weights = edge_block_sums(s->hidden, recurrent_weights, s->units, recurrent_sums);
    const EdgeLstmScale *scale = s->scales;
#if !defined(EDGE_SMALL)
#pragma GCC unroll 4
#endif
    for (int gate = 0; gate < 4; gate++, scale += 2) {
      const int32_t given = edge_lstm_@gates@(sums[gate], &scale[0]);
      sums[gate] = edge_lstm_gate(given, edge_lstm_@gates@(recurrent_sums[gate], &scale[1]));
    }
    const int32_t hidden = edge_lstm_hidden(sums, &cell[u], @cell_bits@, s->cell_clip);
    const int32_t code = edge_lstm_narrowed(hidden, &s->hidden_scale) + s->hidden_zero_point;
    out[u] = (int8_t)EDGE_SATURATED(code, 8);
  }
  memcpy(s->hidden, out, (size_t)s->units);
}
