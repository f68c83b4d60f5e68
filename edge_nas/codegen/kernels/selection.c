/* GATHER, TILE, MIRROR_PAD: the output's place i along a dimension is the input's first[i], second[i] or third[i]. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const uint16_t *first, *second, *third;
  uint16_t counts[3];
  uint32_t strides[3], inner; /* inner: bytes behind the three dimensions that stay together */
} EdgeSelection;
/* function */
@short_kernel@ void @function@(const EdgeSelection *s, int y) {
  int8_t *out = s->output;
  (void)y;
  for (int i = 0; i < s->counts[0]; i++)
    for (int j = 0; j < s->counts[1]; j++) {
      const int8_t *const in = s->input + s->first[i] * s->strides[0] + s->second[j] * s->strides[1];
      for (int k = 0; k < s->counts[2]; k++, out += s->inner) memcpy(out, in + s->third[k] * s->strides[2], s->inner);
    }
}
