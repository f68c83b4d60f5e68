/* L2_NORMALIZATION: run y is row y of `depth` codes over the square root of the sum of their squares. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  int32_t depth;
  int16_t zero_point;
} EdgeL2Normalization;

/* 1 / sqrt(x) for x in 1/4..1: five Newton-Raphson steps from 1 with 28 fractional bits. */
EDGE_OFTEN int32_t edge_inverse_root(int32_t x) {
  const int32_t half = edge_divide_by_power(x >> 1, 1);
  int32_t root = 1 << 28;
  for (int i = 0; i < 5; i++) {
    const int32_t cube = edge_shift_left(edge_multiply_high(edge_multiply_high(root, root), root), 6);
    root = edge_shift_left(edge_multiply_high(root, 402653184) - edge_multiply_high(half, cube), 3);
  }
  return edge_multiply_high(root, 1518500250);
}
/* function */
@kernel@ void @function@(const EdgeL2Normalization *s, int y) {
  const int8_t *const in = s->input + y * s->depth;
  int8_t *const out = s->output + y * s->depth;
  int32_t sum = 0, multiplier = INT32_MAX;
  int shift = 0; /* to the left */
  for (int i = 0; i < s->depth; i++) sum += (in[i] - s->zero_point) * (in[i] - s->zero_point);
  if (sum > 1) {
    shift = -11;
    for (; sum >= 1 << 29; sum /= 4) shift--;
    for (; sum < 1 << 27; sum *= 4) shift++;
    multiplier = edge_shift_left(edge_inverse_root(sum), edge_max(shift, 0));
    shift = edge_min(shift, 0);
  }
  for (int i = 0; i < s->depth; i++)
    out[i] = edge_code(edge_rescale(in[i] - s->zero_point, multiplier, shift + 7), 0, -128, 127);
}
