/* Planes of code + 128 as pairs of channels. */
typedef struct {
  const EdgeImage *input, *output;
} EdgePairsFromPlanar;
/* function */
@short_kernel@ void @function@(const EdgePairsFromPlanar *s, int y) {
  const EdgeImage *const out = s->output;
  const uint8_t *in = edge_row(s->input, y) + s->input->left;
  for (int c = 0; c < out->channels; c++, in += s->input->stride) {
#if EDGE_MVE
    edge_spread(edge_row(out, y) + c, in, out->width, out->stride / 4, 0x80);
#else
    uint16_t *o = edge_pair_channel(edge_row(out, y), c);
    for (int x = 0; x < out->width; x += 2, o += out->stride / 2) {
      o[0] = in[x];
      o[2] = in[x + 1];
    }
#endif
  }
}
