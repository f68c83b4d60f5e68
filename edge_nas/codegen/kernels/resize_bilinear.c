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
  for (int x = 0; x < s->output_width; x++) {
    const int left = s->columns[3 * x] * s->channels, right = s->columns[3 * x + 1] * s->channels;
    const int32_t wx = s->columns[3 * x + 2];
    for (int c = 0; c < s->channels; c++) {
      const int32_t a = (1024 - wy) * upper[left + c] + wy * lower[left + c];
      const int32_t b = (1024 - wy) * upper[right + c] + wy * lower[right + c];
      const int32_t sum = (1024 - wx) * a + wx * b;
      *out++ = (int8_t)edge_divide_by_power(sum, 20);
    }
  }
}
