@short_kernel@ void @function@(const EdgeChannelLines *s, int y) {
  const int32_t low = s->low, high = s->high, shift = s->shift, channels = s->channels;
  const int8_t *in = s->input;
  int8_t *out = s->output;
  (void)y;
  for (int pixels = s->pixels; pixels > 0; pixels--) {
    const EdgeLine *line = s->lines;
    for (int c = channels; c > 0; c -= 4, line += 4) {
      const mve_pred16_t there = vctp32q((uint32_t)c);
      const int32x4_t slopes = vldrwq_gather_offset_z_s32(&line->slope, vidupq_n_u32(0, 8), there);
      const int32x4_t constants = vldrwq_gather_offset_z_s32(&line->constant, vidupq_n_u32(0, 8), there);
      int32x4_t sum = vaddq_s32(vmulq_s32(vldrbq_z_s32(in, there), slopes), constants);
      sum = vminq_s32(vmaxq_s32(vshlq_r_s32(sum, -shift), vdupq_n_s32(low)), vdupq_n_s32(high));
      vstrbq_p_s32(out, sum, there);
      in += edge_min(c, 4), out += edge_min(c, 4);
    }
  }
}
