/* What the kernels of UNIDIRECTIONAL_SEQUENCE_LSTM make of gates, with 12 fractional bits: of input, forget, cell, output.

   A gate is the sum of what it makes of inputs and of hidden codes, clipped after each. */
EDGE_INLINE int32_t edge_lstm_gate(int32_t given, int32_t kept) {
  return EDGE_SATURATED(EDGE_SATURATED(kept, 17) + EDGE_SATURATED(given, 16), 16);
}

/* value / 2^n, rounded to the nearest integer, halves away from zero; |value| up to 2^30, n in 1..30. */
EDGE_INLINE int32_t edge_lstm_divide(int32_t value, int n) { return (value + (value >> 31) + (1 << (n - 1))) >> n; }

/* The hidden state of a unit, with 30 fractional bits; its cell goes on. `clip`: of cells, or 0. */
EDGE_INLINE int32_t edge_lstm_hidden(const int32_t *gates, int16_t *cell, int cell_bits, int clip) {
  const int32_t entry = edge_short_sigmoid(gates[0]), forget = edge_short_sigmoid(gates[1]);
  const int32_t update = edge_short_tanh(gates[2], 3), leave = edge_short_sigmoid(gates[3]);
  const int32_t added = edge_lstm_divide(entry * update, 15 + cell_bits);
  int32_t now = EDGE_SATURATED(edge_lstm_divide(forget * *cell, 15) + added, 16);
  if (clip) now = edge_clamp(now, -clip, clip);
  *cell = (int16_t)now;
  return leave * edge_short_tanh(now, cell_bits);
}
