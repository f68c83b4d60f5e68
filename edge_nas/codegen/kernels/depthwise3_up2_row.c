@note Lines with at signs: codegen/sources.py. EdgeImage, edge_row and EDGE_...: edge_intrinsics.h.@
#if EDGE_MANY_REGISTERS
/* One channel of one row: two outputs, of an even and of an odd column, for each pixel. */
EDGE_INLINE void @function@_row(const uint8_t *p, const uint8_t *q, const EdgeDepthwise3Up2Channel *channel,
                                const int16_t *weights, @code@ *out, const uint8_t *end@pair_declared@) {
  const int32_t bias = channel->bias, multiplier = channel->multiplier, rounding = channel->rounding;
  const int32_t w0 = weights[0], w1 = weights[1], w2 = weights[2], w3 = weights[3];
  const int32_t v0 = weights[4], v1 = weights[5], v2 = weights[6], v3 = weights[7];
  int32_t a0 = p[0], b0 = q[0], a1 = p[1], b1 = q[1];
  for (p += 2, q += 2; p <= end + 1; p++, q++) {
    const int32_t a2 = *p, b2 = *q;
    const int32_t even = bias + a0 * w0 + b0 * w1 + a1 * w2 + b1 * w3;
    const int32_t odd = bias + a1 * v0 + b1 * v1 + a2 * v2 + b2 * v3;
    out[0] = (@code@)EDGE_USAT8(edge_smmla(even, multiplier, rounding), @shift@);
    @if target planar@
    out[1] = (@code@)EDGE_USAT8(edge_smmla(odd, multiplier, rounding), @shift@);
    out += 2;
    @else@
    out[2] = (@code@)EDGE_USAT8(edge_smmla(odd, multiplier, rounding), @shift@);
    out += @pair_bytes@ / 2;
    @end@
    a0 = a1, b0 = b1, a1 = a2, b1 = b2;
  }
}
#else
/* Every second output of one channel of one row. */
EDGE_INLINE void @function@_half(const uint8_t *p, const uint8_t *q, const EdgeDepthwise3Up2Channel *channel,
                                 const int16_t *weights, @code@ *out, const uint8_t *end@pair_declared@) {
  const int32_t bias = channel->bias, multiplier = channel->multiplier, rounding = channel->rounding;
  const int32_t w0 = weights[0], w1 = weights[1], w2 = weights[2], w3 = weights[3];
  int32_t a0 = *p++, b0 = *q++;
  while (p <= end) {
    const int32_t a1 = *p++, b1 = *q++;
    const int32_t sum = bias + a0 * w0 + b0 * w1 + a1 * w2 + b1 * w3;
    *out = (@code@)EDGE_USAT8(edge_smmla(sum, multiplier, rounding), @shift@);
    @if target planar@
    out += 2;
    @else@
    out += @pair_bytes@ / 2;
    @end@
    a0 = a1, b0 = b1;
  }
}

EDGE_INLINE void @function@_row(const uint8_t *p, const uint8_t *q, const EdgeDepthwise3Up2Channel *channel,
                                const int16_t *weights, @code@ *out, const uint8_t *end@pair_declared@) {
  @function@_half(p, q, channel, weights, out, end@pair_forwarded@);
  @if target planar@
  @function@_half(p + 1, q + 1, channel, weights + 4, out + 1, end + 1);
  @else@
  @function@_half(p + 1, q + 1, channel, weights + 4, out + 2, end + 1@pair_forwarded@);
  @end@
}
#endif
