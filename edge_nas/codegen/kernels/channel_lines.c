/* An operator of a tensor and a constant, one for each channel, on a flat image: code = clip((a * slope + constant) >>
   shift), proven for every code. The output may overlay the input. */
typedef struct {
  int32_t slope, constant;
} EdgeLine;

typedef struct {
  const int8_t *input;
  int8_t *output;
  const EdgeLine *lines; /* one per channel */
  int32_t pixels, channels;
  int16_t shift, low, high;
} EdgeChannelLines;
/* function */
@short_kernel@ void @function@(const EdgeChannelLines *s, int y) {
  const int32_t low = s->low, high = s->high, shift = s->shift, channels = s->channels;
  const int8_t *in = s->input;
  int8_t *out = s->output;
  (void)y;
  for (int pixels = s->pixels; pixels > 0; pixels--) {
    const EdgeLine *line = s->lines;
#if defined(__GNUC__)
#pragma GCC unroll 2
#endif
    for (const EdgeLine *const end = line + channels; line != end; line++)
      *out++ = (int8_t)edge_clamp((*in++ * line->slope + line->constant) >> shift, low, high);
  }
}
