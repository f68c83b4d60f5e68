/* Any operator on single codes: output = table[code + 128]. Input and output may be the same bytes. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const int8_t *table;
  uint32_t count;
} EdgeLookup;
/* function */
@short_kernel@ void @function@(const EdgeLookup *s, int y) {
  const int8_t *in = s->input, *const table = s->table + 128;
  int8_t *out = s->output;
  uint32_t left = s->count;
  EDGE_UNKNOWN(left);
  (void)y;
  for (; left > 0; left--) *out++ = table[*in++];
}
