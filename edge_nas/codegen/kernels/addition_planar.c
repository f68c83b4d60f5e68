#include "edge_planar.h"
#include "edge_sum.h"
/* ADD and SUB of planar images of one shape. */
typedef struct {
  const EdgeImage *a, *b, *output;
  EdgeSum sum;
} EdgeAdditionPlanar;
/* function */
@short_kernel@ void @function@(const EdgeAdditionPlanar *s, int y) {
  const EdgeImage *const out = s->output;
  const uint8_t *a = edge_row(s->a, y) + s->a->left, *b = edge_row(s->b, y) + s->b->left;
  uint8_t *o = edge_row(out, y) + out->left;
  for (int c = out->channels; c > 0; c--, a += s->a->stride, b += s->b->stride, o += out->stride)
    edge_sum_row(a, b, o, out->width, &s->sum, 0);
  edge_border(out, y);
}
