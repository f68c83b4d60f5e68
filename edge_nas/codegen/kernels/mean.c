/* MEAN: three kept and three averaged dimensions, at distances counted in elements of the input. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  uint16_t kept[3], averaged[3];
  uint32_t kept_strides[3], averaged_strides[3];
  int32_t offset, multiplier; /* offset: the count of elements times their zero point */
  int16_t shift, zero_point;
} EdgeMean;
/* function */
@short_kernel@ void @function@(const EdgeMean *s, int y) {
  int8_t *out = s->output;
  (void)y;
  for (uint32_t i = 0; i < s->kept[0]; i++)
    for (uint32_t j = 0; j < s->kept[1]; j++)
      for (uint32_t k = 0; k < s->kept[2]; k++) {
        const int8_t *const in = s->input + i * s->kept_strides[0] + j * s->kept_strides[1] + k * s->kept_strides[2];
        int32_t sum = -s->offset;
        for (uint32_t l = 0; l < s->averaged[0]; l++)
          for (uint32_t m = 0; m < s->averaged[1]; m++)
            for (uint32_t n = 0; n < s->averaged[2]; n++)
              sum += in[l * s->averaged_strides[0] + m * s->averaged_strides[1] + n * s->averaged_strides[2]];
        *out++ = edge_code(edge_rescale(sum, s->multiplier, s->shift), s->zero_point, -128, 127);
      }
}
