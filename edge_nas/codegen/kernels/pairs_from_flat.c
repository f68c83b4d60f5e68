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
  const uint8_t *p = edge_row(s->input, y);
  uint8_t *row = edge_row(out, y);
  int channels = out->channels;
  EDGE_UNKNOWN(channels);
  for (int left = out->width; left > 0; left -= 2, row += out->stride) {
    const uint8_t *q = left > 1 ? p + channels : p; /* a last pixel is its own neighbour, at whom nobody looks */
    uint16_t *o = (uint16_t *)(void *)row;
    int c = channels;
#if EDGE_DSP
    for (; c >= 4; c -= 4, p += 4, q += 4, o += 8) {
      const uint32_t a = edge_load32(p) ^ 0x80808080u, b = edge_load32(q) ^ 0x80808080u;
      const uint32_t a_even = edge_uxtb16(a), a_odd = edge_uxtb16_odd(a);
      const uint32_t b_even = edge_uxtb16(b), b_odd = edge_uxtb16_odd(b);
      edge_store32(o, edge_pack_low(a_even, a_odd));
      edge_store32(o + 2, edge_pack_low(b_even, b_odd));
      edge_store32(o + 4, edge_pack_high(a_even, a_odd));
      edge_store32(o + 6, edge_pack_high(b_even, b_odd));
    }
#endif
    for (; c >= 2; c -= 2, p += 2, q += 2, o += 4) {
      o[0] = p[0] ^ 0x80, o[1] = p[1] ^ 0x80;
      o[2] = q[0] ^ 0x80, o[3] = q[1] ^ 0x80;
    }
    if (c > 0) o[0] = *p++ ^ 0x80, o[2] = *q++ ^ 0x80;
    p = q;
  }
}
#endif
