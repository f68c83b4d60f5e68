/* Here the distance between two pixels is no constant: one function does for all. */
#define @function@ @base@
#ifndef EDGE_HAS_@base@
#define EDGE_HAS_@base@
/* The codes of four channels of a pixel. */
EDGE_INLINE int32x4_t @function@_codes(const EdgeDense *s, int32x4_t sums, const EdgeDenseChannels *k) {
  const int32x4_t scaled = vaddq_s32(vmulq_s32(sums, vld1q_s32(k->factor)), vld1q_s32(k->bias));
  @if rounding relu@
  int32x4_t codes = vmulhq_s32(scaled, vld1q_s32(k->multiplier));
  @else@
  int32x4_t codes = vrmulhq_s32(scaled, vld1q_s32(k->multiplier));
  codes = vaddq_s32(codes, vshrq_n_s32(codes, 31));
  @end@
  codes = vshlq_s32(vaddq_s32(codes, vld1q_s32(k->rounding)), vld1q_s32(k->shift));
  return vminq_s32(vmaxq_s32(codes, vdupq_n_s32(s->low)), vdupq_n_s32(s->high));
}

@short_kernel@ void @function@(const EdgeDense *s, int y) {
  @include dense_stretches.inc@
  uint8_t *const row = edge_row(out, y);
  int offset = (in->left - s->pad_left) * in->channels;
  for (int x = 0; x < out->width; x += 2, offset += 2 * distance) {
    const EdgeDenseChannels *k = s->channels;
    const EdgeDenseWeight *weights = s->weights;
    const int two = x + 1 < out->width;
    @if target planar@
    uint8_t *o = row + out->left + x;
    const int next = 1, channel_stride = out->stride;
    @else@
    uint8_t *o = row + x * out->channels;
    const int next = out->channels, channel_stride = 1;
    @end@
    for (int left = out->channels; left > 0; left -= 4) {
      int32_t sums[8];
      weights = edge_dense_block(stretches, offset, weights, sums, distance, count, s->codes);
      const int32x4x2_t pixels = vld2q_s32(sums);
      const mve_pred16_t there = vctp32q((uint32_t)left);
      const uint32x4_t places = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)channel_stride);
      vstrbq_scatter_offset_p_s32((int8_t *)o, places, @function@_codes(s, pixels.val[0], k), there);
      if (two) vstrbq_scatter_offset_p_s32((int8_t *)o + next, places, @function@_codes(s, pixels.val[1], k), there);
      k++, o += 4 * channel_stride;
    }
  }
  @if target planar@
  edge_border(out, y);
  @end@
}
#endif
