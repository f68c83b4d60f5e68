/* BATCH_MATMUL: run y is the product of the y-th matrices. Distances are counted in elements. */
typedef struct {
  const int8_t *a, *b;
  int8_t *output;
  int32_t multiplier, rows, inner, columns;
  int32_t a_matrix, b_matrix;             /* from one matrix to the next; 0 where there is one */
  int32_t a_step, a_line, b_step, b_line; /* along a sum; from one row of a, or column of b, to the next */
  int16_t a_zero_point, b_zero_point, output_zero_point;
  int8_t shift;
} EdgeBatchMatmul;
/* function */
@kernel@ void @function@(const EdgeBatchMatmul *s, int y) {
  const int8_t *const a = s->a + y * s->a_matrix, *const b = s->b + y * s->b_matrix;
  int8_t *out = s->output + y * s->rows * s->columns;
  for (int i = 0; i < s->rows; i++)
    for (int j = 0; j < s->columns; j++) {
      const int8_t *left = a + i * s->a_line, *right = b + j * s->b_line;
      int32_t sum = 0;
      for (int k = 0; k < s->inner; k++)
        sum += (left[k * s->a_step] - s->a_zero_point) * (right[k * s->b_step] - s->b_zero_point);
      *out++ = edge_code(edge_rescale(sum, s->multiplier, s->shift), s->output_zero_point, -128, 127);
    }
}
