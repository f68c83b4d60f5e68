#include "edge_sum.h"
/* ADD and SUB of tensors of one shape. The output may overlay an input. */
typedef struct {
  const int8_t *a, *b;
  int8_t *output;
  int32_t count;
  EdgeSum sum;
} EdgeAdditionFlat;
/* function */
@short_kernel@ void @function@(const EdgeAdditionFlat *s, int y) {
  (void)y;
  edge_sum_row((const uint8_t *)s->a, (const uint8_t *)s->b, (uint8_t *)s->output, s->count, &s->sum, 1);
}
