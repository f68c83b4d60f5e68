#include "edge_shorts.h"
/* LOGISTIC and TANH on int16 codes: lines between the entries of a table of the logistic function. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const uint16_t *table; /* 256 entries */
  uint32_t count;
  int32_t multiplier;
  int8_t shift;
} EdgeShortFunction;

/* 65536 times the logistic function of a place in the table, with so many fractional bits of both. */
EDGE_INLINE int32_t edge_between(const uint16_t *table, int32_t place, int bits) {
  const int32_t entry = edge_min(place >> bits, 254), rest = place & ((1 << bits) - 1);
  return table[entry] * (1 << bits) + rest * (table[entry + 1] - table[entry]);
}

EDGE_INLINE int16_t edge_table_logistic(const uint16_t *table, int32_t place) {
  const int32_t size = place < 0 ? -place : place;
  const int32_t share = size >> 9 >= 255 ? 0x7FFF << 10 : edge_between(table, size, 9);
  return (int16_t)((place >= 0 ? share + (1 << 9) : (1 << 25) - share + (1 << 9) - 1) >> 10);
}

EDGE_INLINE int16_t edge_table_tanh(const uint16_t *table, int32_t place) {
  const int32_t size = place < 0 ? -place : place;
  const int32_t share = size >> 8 >= 255 ? 0xFFFF << 8 : edge_between(table, size, 8);
  return (int16_t)((place >= 0 ? share - (1 << 23) + (1 << 7) : (1 << 23) - share + (1 << 7) - 1) >> 8);
}
/* function */
@short_kernel@ void @function@(const EdgeShortFunction *s, int y) {
  const int16_t *const in = edge_shorts(s->input);
  int16_t *const out = edge_shorts_out(s->output);
  (void)y;
  for (uint32_t i = 0; i < s->count; i++) {
    const int32_t place = (in[i] * s->multiplier + ((1 << s->shift) >> 1)) >> s->shift;
    out[i] = edge_table_@name@(s->table, place);
  }
}
