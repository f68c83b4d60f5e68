/* A block of one tensor at a place of another: concatenation, padding, slices. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  uint16_t counts[4];
  int32_t input_offset, input_strides[4], output_offset, output_strides[4];
  uint32_t filled; /* bytes of the output that are set to `fill` first */
  int8_t fill;
} EdgeDataMovement;
/* function */
@short_kernel@ void @function@(const EdgeDataMovement *s, int y) {
  (void)y;
  memset(s->output, s->fill, s->filled);
  for (int i = 0; i < s->counts[0]; i++)
    for (int j = 0; j < s->counts[1]; j++)
      for (int k = 0; k < s->counts[2]; k++) {
        int32_t in = s->input_offset + i * s->input_strides[0] + j * s->input_strides[1] + k * s->input_strides[2];
        int32_t out = s->output_offset + i * s->output_strides[0] + j * s->output_strides[1] + k * s->output_strides[2];
        for (int l = 0; l < s->counts[3]; l++, in += s->input_strides[3], out += s->output_strides[3])
          s->output[out] = s->input[in];
      }
}
