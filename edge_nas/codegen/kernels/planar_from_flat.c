/* A flat row of int8 codes as planes of code + 128. */
typedef struct {
  const EdgeImage *input, *output;
} EdgePlanarFromFlat;
/* function */
EDGE_KERNEL void @function@(const EdgePlanarFromFlat *s, int y) {
  const int8_t *row = (const int8_t *)edge_row(s->input, y);
  uint8_t *plane = edge_row(s->output, y) + s->output->left;
  const int channels = s->output->channels;
  for (int c = channels; c > 0; c--, row++, plane += s->output->stride) {
#if EDGE_MVE
    edge_gather(plane, (const uint8_t *)row, s->output->width, channels, 0x80);
#else
    const int8_t *in = row;
    uint8_t *out = plane;
    for (int x = s->output->width; x > 0; x--, in += channels) *out++ = (uint8_t)(*in ^ 0x80);
#endif
  }
  edge_border(s->output, y);
}
