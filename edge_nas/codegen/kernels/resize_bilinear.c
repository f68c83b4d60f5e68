/* RESIZE_BILINEAR on flat images: four pixels mixed with weights of 10 fractional bits, halves away from zero. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const uint16_t *rows, *columns; /* per position: lower, upper, weight of the upper */
  int16_t width, output_width, channels;
} EdgeResizeBilinear;
/* function */
@short_kernel@ void @function@(const EdgeResizeBilinear *s, int y) {
  const int8_t *const upper = s->input + s->rows[3 * y] * s->width * s->channels;
  const int8_t *const lower = s->input + s->rows[3 * y + 1] * s->width * s->channels;
  const int32_t wy = s->rows[3 * y + 2];
  int8_t *out = s->output + y * s->output_width * s->channels;
  int channels = s->channels;
  if (s->channels != 1) {
    EDGE_UNKNOWN(channels);
  }
  for (int x = 0; x < s->output_width; x++) {
    const int left = s->columns[3 * x] * channels, right = s->columns[3 * x + 1] * channels;
    const int8_t *a = upper + left, *b = lower + left, *e = upper + right, *f = lower + right;
    const int32_t wx = s->columns[3 * x + 2];
    for (int c = channels; c > 0; c--, a++, b++, e++, f++) {
      const int32_t first = *a * 1024 + wy * (*b - *a), second = *e * 1024 + wy * (*f - *e);
      const int32_t sum = first * 1024 + wx * (second - first); /* below 2^28 */
      *out++ = (int8_t)((sum + (1 << 19) + (sum >> 31)) >> 20);
    }
  }
}
