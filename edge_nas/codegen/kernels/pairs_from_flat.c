/* A flat row of int8 codes as pairs of channels, code + 128. */
typedef struct {
  const EdgeImage *input, *output;
} EdgePairsFromFlat;
/* function */
#if EDGE_MVE
@short_kernel@ void @function@(const EdgePairsFromFlat *s, int y) {
  const EdgeImage *const out = s->output;
  const int8_t *in = (const int8_t *)edge_row(s->input, y);
  int8_t *o = (int8_t *)edge_row(out, y);
  if (out->channels % 2 == 0) {
    edge_copy(o, in, out->width * out->channels);
    return;
  }
  for (int x = out->width; x > 0; x--, in += out->channels, o += out->channels + 1) edge_copy(o, in, out->channels);
}
#else
@short_kernel@ void @function@(const EdgePairsFromFlat *s, int y) {
  const EdgeImage *const out = s->output;
  const uint8_t *row = edge_row(s->input, y);
  for (int c = 0; c < out->channels; c++, row++) {
    const uint8_t *in = row;
    uint16_t *o = edge_pair_channel(edge_row(out, y), c);
    for (int x = 0; x < out->width; x += 2, o += out->stride / 2) {
      o[0] = *in ^ 0x80;
      in += out->channels;
      o[2] = x + 1 < out->width ? *in ^ 0x80 : 0;
      in += out->channels;
    }
  }
}
#endif
