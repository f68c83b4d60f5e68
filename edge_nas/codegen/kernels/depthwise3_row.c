@note Lines with at signs: codegen/sources.py. EdgeImage, edge_row and EDGE_...: edge_intrinsics.h.@
enum { @function@_outputs = 2 }; /* that `count` counts as one */

EDGE_INLINE uint32_t @function@_code(const uint8_t *p, const uint8_t *q, const uint8_t *r,
                                     const EdgeDepthwise3Channel *channel) {
  const int16_t *const w = channel->weights;
  const int32_t sum = channel->bias + p[0] * w[0] + p[1] * w[6] + p[2] * w[1] + q[0] * w[2] + q[1] * w[7] +
                      q[2] * w[3] + r[0] * w[4] + r[1] * w[8] + r[2] * w[5];
  return EDGE_USAT8(edge_smmla(sum, channel->multiplier, channel->rounding), @shift@);
}

EDGE_INLINE void @function@_row(const uint8_t *p, const uint8_t *q, const uint8_t *r,
                                const EdgeDepthwise3Channel *shared, @code@ *out, int count@pair_declared@) {
  enum { next = @stride_pixels@ };
  const EdgeDepthwise3Channel channel = *shared; /* for all the compiler knows, `out` may be a part of `shared` */
  for (; count > 0; count--, p += 2 * next, q += 2 * next, r += 2 * next) {
    const uint32_t first = @function@_code(p, q, r, &channel);
#if !EDGE_MANY_REGISTERS
    out[0] = (@code@)first;
#endif
    /* Before the first is stored, which for all the compiler knows could change what both are made of: where registers
       hold it meanwhile. */
    const uint32_t second = @function@_code(p + next, q + next, r + next, &channel);
#if EDGE_MANY_REGISTERS
    out[0] = (@code@)first;
#endif
    @if target planar@
    out[1] = (@code@)second;
    out += 2;
    @else@
    out[2] = (@code@)second;
    out += @pair_bytes@ / 2;
    @end@
  }
}
