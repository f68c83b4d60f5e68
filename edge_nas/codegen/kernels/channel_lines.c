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
EDGE_KERNEL void @function@(const EdgeChannelLines *s, int y) {
  const int32_t low = s->low, high = s->high, shift = s->shift, channels = s->channels;
  const int8_t *in = s->input;
  int8_t *out = s->output;
  (void)y;
  for (int pixels = s->pixels; pixels > 0; pixels--) {
    const EdgeLine *line = s->lines;
#if EDGE_MVE
    for (int c = channels; c > 0; c -= 4, line += 4) {
      const mve_pred16_t there = vctp32q((uint32_t)c);
      const int32x4_t slopes = vldrwq_gather_offset_z_s32(&line->slope, vidupq_n_u32(0, 8), there);
      const int32x4_t constants = vldrwq_gather_offset_z_s32(&line->constant, vidupq_n_u32(0, 8), there);
      int32x4_t sum = vaddq_s32(vmulq_s32(vldrbq_z_s32(in, there), slopes), constants);
      sum = vminq_s32(vmaxq_s32(vshlq_r_s32(sum, -shift), vdupq_n_s32(low)), vdupq_n_s32(high));
      vstrbq_p_s32(out, sum, there);
      in += edge_min(c, 4), out += edge_min(c, 4);
    }
#else
#if defined(__GNUC__)
#pragma GCC unroll 2
#endif
    for (const EdgeLine *const end = line + channels; line != end; line++)
      *out++ = (int8_t)edge_clamp((*in++ * line->slope + line->constant) >> shift, low, high);
#endif
  }
}
