#include "edge_reciprocal.h"
/* LOG_SOFTMAX over rows of `classes`: fixed point as in the reference kernels. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  const int32_t *exponentials, *differences; /* of a code so far below the largest; differences with 26 fractional bits */
  int32_t classes, least, reverse; /* reverse: from 26 fractional bits to codes */
  int8_t reverse_shift;
} EdgeLogSoftmax;

EDGE_INLINE int edge_leading_zeros(int32_t x) {
  int zeros = 0;
  while (zeros < 32 && !((uint32_t)x >> (31 - zeros))) zeros++;
  return zeros;
}

/* x * 2^n, clipped; x and n are not below zero. */
EDGE_INLINE int32_t edge_scaled_up(int32_t x, int n) { return x > INT32_MAX >> n ? INT32_MAX : edge_shift_left(x, n); }

/* log(x) with 26 fractional bits for x >= 1 with 19. x is a power of two, or that times sqrt(1/2), times an r near
   sqrt(sqrt(1/2)); log(r) is a quotient of polynomials around that. */
EDGE_OFTEN int32_t edge_logarithm(int32_t x) {
  const int32_t root = 1518500250, middle = 1805811301;
  const int a = edge_leading_zeros(x), b = edge_leading_zeros(edge_multiply_high(x, root)) - 1;
  const int32_t r_a = edge_scaled_up(edge_multiply_high(edge_shift_left(x, a - 1), root), 1);
  const int32_t r = edge_min(r_a, edge_scaled_up(x, b));
  const int32_t power = edge_max(edge_shift_left(12 - a, 25) + (1 << 23), edge_shift_left(12 - b, 25) - (1 << 23));
  const int32_t p = (int32_t)(((uint32_t)r + (uint32_t)middle + 1) >> 1), q = 2 * (r - middle);
  const int32_t square = edge_multiply_high(q, q), cube = edge_multiply_high(q, square);
  const int32_t numerator = edge_multiply_high(q, r) + edge_multiply_high(cube, 117049297);
  const int32_t inner = 1057819769 + q + edge_multiply_high(127690142, square);
  const int32_t denominator = edge_multiply_high(p, inner) + edge_multiply_high(638450708, q);
  const int32_t share = edge_multiply_high(edge_divide_by_power(numerator, 6), edge_reciprocal(denominator));
  return 2 * (edge_multiply_high(power, 1488522236) + share);
}
/* function */
@kernel@ void @function@(const EdgeLogSoftmax *s, int y) {
  const int8_t *const in = s->input + y * s->classes;
  int8_t *const out = s->output + y * s->classes;
  int32_t most = -128;
  uint32_t sum = 0;
  for (int i = 0; i < s->classes; i++) most = edge_max(most, in[i]);
  for (int i = 0; i < s->classes; i++) sum += (uint32_t)edge_divide_by_power(s->exponentials[most - in[i]], 12);
  const int32_t log = edge_logarithm((int32_t)sum);
  const int32_t least = edge_max(s->least, edge_rescale(log - INT32_MAX - 1, s->reverse, s->reverse_shift));
  for (int i = 0; i < s->classes; i++) {
    const int32_t value = edge_divide_by_power(s->differences[most - in[i]] - log, 22);
    out[i] = in[i] - most > least ? edge_code(value, 127, -128, 127) : -128;
  }
}
