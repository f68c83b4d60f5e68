#include "edge_planar.h"
/* A flat row of int8 codes as planes of code + 128. */
typedef struct {
  const EdgeImage *input, *output;
} EdgePlanarFromFlat;
/* function */
@short_kernel@ void @function@(const EdgePlanarFromFlat *s, int y) {
  enum { channels = @channels@ };
  const uint8_t *row = edge_row(s->input, y);
  uint8_t *plane = edge_row(s->output, y) + s->output->left;
  for (int c = channels; c > 0; c--, row++, plane += s->output->stride) {
#if EDGE_MVE
    edge_gather(plane, row, s->output->width, channels, 0x80);
#else
    const uint8_t *in = row;
    uint8_t *out = plane;
    int x = s->output->width;
#if EDGE_DSP
    for (; x >= 4; x -= 4, in += 4 * channels, out += 4) {
      const uint32_t left = in[0] | (uint32_t)in[channels] << 8;
      const uint32_t right = in[2 * channels] | (uint32_t)in[3 * channels] << 8;
      const uint32_t word = (left | right << 16) ^ 0x80808080u;
      memcpy(out, &word, 4);
    }
#endif
    for (; x > 0; x--, in += channels) *out++ = *in ^ 0x80;
#endif
  }
  edge_border(s->output, y);
}
