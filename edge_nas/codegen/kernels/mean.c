/* MEAN: three kept and three averaged dimensions, at distances counted in elements of the input; of kept ones that lie side
   by side, four at a time. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  uint16_t kept[3], averaged[3];
  uint32_t kept_strides[3], averaged_strides[3];
  int32_t offset, multiplier; /* offset: the count of elements times their zero point */
  int16_t shift, zero_point;
} EdgeMean;

/* The sum of a line of codes, so many elements apart; four sums of such lines that begin side by side. */
EDGE_INLINE int32_t edge_mean_one(const int8_t *p, uint32_t count, uint32_t stride) {
  int32_t sum = 0;
  EDGE_UNKNOWN(count);
  for (; count > 0; count--, p += stride) sum += *p;
  return sum;
}

EDGE_INLINE void edge_mean_four(int32_t *sums, const int8_t *p, uint32_t count, uint32_t stride) {
  int32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3];
  EDGE_UNKNOWN(count);
#if EDGE_DSP
  for (uint32_t part = 0; count > 0; count -= part) {
    uint32_t even = 0, odd = 0;
    part = count < 255 ? count : 255; /* codes, whose sum 16 bits hold */
    for (uint32_t k = part; k > 0; k--, p += stride) {
      const uint32_t codes = edge_load32(p);
      even = edge_sxtab16(even, codes), odd = edge_sxtab16_odd(odd, codes);
    }
    a += (int16_t)even, b += (int16_t)odd, c += (int16_t)(even >> 16), d += (int16_t)(odd >> 16);
  }
#else
  for (; count > 0; count--, p += stride) a += p[0], b += p[1], c += p[2], d += p[3];
#endif
  sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
}
/* function */
@short_kernel@ void @function@(const EdgeMean *s, int y) {
  int8_t *out = s->output;
  int32_t multiplier = s->multiplier;
  EDGE_UNKNOWN(multiplier);
  (void)y;
  for (uint32_t i = 0; i < s->kept[0]; i++)
    for (uint32_t j = 0; j < s->kept[1]; j++) {
      const int8_t *from = s->input + i * s->kept_strides[0] + j * s->kept_strides[1];
      uint32_t step, kept = s->kept[2];
      EDGE_UNKNOWN(kept);
      for (; kept > 0; kept -= step, from += step * s->kept_strides[2]) {
        int32_t sums[4] = {-s->offset, -s->offset, -s->offset, -s->offset};
        step = s->kept_strides[2] == 1 && kept >= 4 ? 4 : 1;
        for (uint32_t l = 0; l < s->averaged[0]; l++)
          for (uint32_t m = 0; m < s->averaged[1]; m++) {
            const int8_t *const line = from + l * s->averaged_strides[0] + m * s->averaged_strides[1];
            if (step == 4)
              edge_mean_four(sums, line, s->averaged[2], s->averaged_strides[2]);
            else
              sums[0] += edge_mean_one(line, s->averaged[2], s->averaged_strides[2]);
          }
        for (uint32_t k = 0; k < step; k++)
          *out++ = edge_code(edge_rescale(sums[k], multiplier, s->shift), s->zero_point, -128, 127);
      }
    }
}
