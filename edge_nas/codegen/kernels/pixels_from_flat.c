#include "edge_pixels.h"
/* A flat row of int8 codes as pixels with a border. */
typedef struct {
  const EdgeImage *input, *output;
} EdgePixelsFromFlat;
/* function */
@short_kernel@ void @function@(const EdgePixelsFromFlat *s, int y) {
  const EdgeImage *const out = s->output;
  const uint8_t *in = edge_row(s->input, y);
  int count = out->width * out->channels;
#if EDGE_MVE
  edge_copy(edge_row(out, y) + out->left * out->channels, in, count);
#elif EDGE_DSP
  int16_t *o = (int16_t *)(void *)edge_row(out, y) + out->left * out->channels;
  EDGE_UNKNOWN(o);
  EDGE_UNKNOWN(count);
  for (; count >= 4; count -= 4, in += 4, o += 4) {
    const uint32_t word = edge_load32(in), even = edge_sxtb16(word), odd = edge_sxtb16_odd(word);
    const uint32_t both[2] = {edge_pack_low(even, odd), edge_pack_high(even, odd)};
    memcpy(o, both, 8);
  }
  for (; count > 0; count--) *o++ = (int8_t)*in++;
#else
  uint8_t *o = edge_row(out, y) + out->left * out->channels;
  EDGE_UNKNOWN(o);
  EDGE_UNKNOWN(count);
  for (; count >= 4; count -= 4, in += 4, o += 4) {
    const uint32_t word = edge_load32(in) ^ 0x80808080u;
    memcpy(o, &word, 4);
  }
  for (; count > 0; count--) *o++ = *in++ ^ 0x80;
#endif
  edge_pixel_border(out, y);
}
