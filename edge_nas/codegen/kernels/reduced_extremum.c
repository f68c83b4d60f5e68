/* REDUCE_MAX, REDUCE_MIN: three kept and three reduced dimensions, at distances counted in elements of the input. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  uint16_t kept[3], reduced[3];
  uint32_t kept_strides[3], reduced_strides[3];
  int8_t sign; /* 1: the largest, -1: the smallest */
} EdgeReducedExtremum;
/* function */
@short_kernel@ void @function@(const EdgeReducedExtremum *s, int y) {
  int8_t *out = s->output;
  (void)y;
  for (uint32_t i = 0; i < s->kept[0]; i++)
    for (uint32_t j = 0; j < s->kept[1]; j++)
      for (uint32_t k = 0; k < s->kept[2]; k++) {
        const int8_t *const in = s->input + i * s->kept_strides[0] + j * s->kept_strides[1] + k * s->kept_strides[2];
        int32_t most = -128; /* below or at all codes, of either sign */
        for (uint32_t l = 0; l < s->reduced[0]; l++)
          for (uint32_t m = 0; m < s->reduced[1]; m++)
            for (uint32_t n = 0; n < s->reduced[2]; n++)
              most = edge_max(
                  most, s->sign * in[l * s->reduced_strides[0] + m * s->reduced_strides[1] + n * s->reduced_strides[2]]);
        *out++ = (int8_t)(s->sign * most);
      }
}
