/* Any operator on single codes: output = table[code + 128]. Input and output may be the same bytes. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const int8_t *table;
  uint32_t count;
} EdgeLookup;
/* function */
@short_kernel@ void @function@(const EdgeLookup *s, int y) {
  (void)y;
  for (uint32_t i = 0; i < s->count; i++) s->output[i] = s->table[s->input[i] + 128];
}
