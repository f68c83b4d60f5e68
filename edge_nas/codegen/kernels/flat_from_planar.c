/* Planes of code + 128 as a flat row of int8 codes. */
typedef struct {
  const EdgeImage *input, *output;
} EdgeFlatFromPlanar;
/* function */
@short_kernel@ void @function@(const EdgeFlatFromPlanar *s, int y) {
  const uint8_t *plane = edge_row(s->input, y) + s->input->left;
  uint8_t *row = edge_row(s->output, y);
  const int channels = s->input->channels;
  for (int c = channels; c > 0; c--, row++, plane += s->input->stride) {
#if EDGE_MVE
    edge_spread(row, plane, s->input->width, channels, 0x80);
#else
    uint8_t *out = row;
    for (int x = 0; x < s->input->width; x++, out += channels) *out = plane[x] ^ 0x80;
#endif
  }
}
