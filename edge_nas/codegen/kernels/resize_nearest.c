/* RESIZE_NEAREST_NEIGHBOR on flat images: every pixel is a copy of one. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const uint16_t *source_rows, *source_columns;
  int16_t width, columns, channels;
} EdgeResizeNearest;
/* function */
@short_kernel@ void @function@(const EdgeResizeNearest *s, int y) {
  const int8_t *const row = s->input + s->source_rows[y] * s->width * s->channels;
  int8_t *out = s->output + y * s->columns * s->channels;
  int channels = s->channels;
  if (s->channels != 1) {
    EDGE_UNKNOWN(channels);
  }
  for (int x = 0; x < s->columns; x++) {
    const int8_t *in = row + s->source_columns[x] * channels;
    for (int c = channels; c > 0; c--) *out++ = *in++;
  }
}
