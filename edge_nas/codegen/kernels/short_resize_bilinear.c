#include "edge_shorts.h"
/* RESIZE_BILINEAR on flat images of int16 codes: weights of 10 fractional bits, halves away from zero. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const uint16_t *rows, *columns; /* per position: lower, upper, weight of the upper */
  int16_t width, output_width, channels;
} EdgeShortResizeBilinear;
/* function */
@short_kernel@ void @function@(const EdgeShortResizeBilinear *s, int y) {
  const int16_t *const upper = edge_shorts(s->input) + s->rows[3 * y] * s->width * s->channels;
  const int16_t *const lower = edge_shorts(s->input) + s->rows[3 * y + 1] * s->width * s->channels;
  const int32_t wy = s->rows[3 * y + 2];
  int16_t *out = edge_shorts_out(s->output) + y * s->output_width * s->channels;
  for (int x = 0; x < s->output_width; x++) {
    const int left = s->columns[3 * x] * s->channels, right = s->columns[3 * x + 1] * s->channels;
    const int32_t wx = s->columns[3 * x + 2];
    for (int c = 0; c < s->channels; c++) {
      const int32_t first = upper[left + c] * 1024 + wy * (lower[left + c] - upper[left + c]); /* below 2^26 */
      const int32_t second = upper[right + c] * 1024 + wy * (lower[right + c] - upper[right + c]);
      const int64_t sum = (int64_t)first * 1024 + (int64_t)wx * (second - first);
      *out++ = (int16_t)((sum + (1 << 19) + (sum >> 63)) >> 20);
    }
  }
}
