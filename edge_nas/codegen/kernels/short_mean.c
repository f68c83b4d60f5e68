#include "edge_shorts.h"
/* MEAN on int16 codes: three kept and three reduced dimensions, at distances counted in elements of the input. */
typedef struct {
  const int8_t *input;
  int8_t *output;
  uint16_t kept[3], reduced[3];
  uint32_t kept_strides[3], reduced_strides[3];
  int32_t multiplier;
  int16_t shift;
} EdgeShortMean;
/* function */
@short_kernel@ void @function@(const EdgeShortMean *s, int y) {
  int16_t *out = edge_shorts_out(s->output);
  (void)y;
  for (uint32_t i = 0; i < s->kept[0]; i++)
    for (uint32_t j = 0; j < s->kept[1]; j++)
      for (uint32_t k = 0; k < s->kept[2]; k++) {
        const uint32_t first = i * s->kept_strides[0] + j * s->kept_strides[1] + k * s->kept_strides[2];
        const int16_t *const in = edge_shorts(s->input) + first;
        int32_t sum = 0;
        for (uint32_t l = 0; l < s->reduced[0]; l++)
          for (uint32_t m = 0; m < s->reduced[1]; m++)
            for (uint32_t n = 0; n < s->reduced[2]; n++)
              sum += in[l * s->reduced_strides[0] + m * s->reduced_strides[1] + n * s->reduced_strides[2]];
        *out++ = (int16_t)edge_clamp(edge_rescale(sum, s->multiplier, s->shift), -32768, 32767);
      }
}
