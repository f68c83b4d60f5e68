/* ARG_MAX, ARG_MIN: where along `count` codes, `inner` apart, the largest or smallest stands, the first of equal ones. */
typedef struct {
  const int8_t *input;
  int8_t *output; /* int32_t or int64_t */
  int32_t outer, count, inner;
  int8_t sign; /* 1: the largest, -1: the smallest */
} EdgeArgExtremum;
/* function */
@short_kernel@ void @function@(const EdgeArgExtremum *s, int y) {
  @places@_t *out = (@places@_t *)(void *)s->output;
  (void)y;
  for (int i = 0; i < s->outer; i++)
    for (int j = 0; j < s->inner; j++) {
      const int8_t *const in = s->input + i * s->count * s->inner + j;
      int place = 0;
      for (int k = 1; k < s->count; k++)
        if (s->sign * in[k * s->inner] > s->sign * in[place * s->inner]) place = k;
      *out++ = place;
    }
}
