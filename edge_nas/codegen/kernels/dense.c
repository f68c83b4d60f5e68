/* CONV_2D of any window on rows of pixels: four output channels a, b, c, d of two pixels at a time.

   A window is a few stretches of neighbouring codes: one for each of its rows, or with dilation one for each tap. Of
   every stretch, weights lie in the order in which they are wanted, for each block of four outputs (zeros behind the
   last):

     portable  per code:        a b c d                    four bytes
     DSP       per two codes:   ab0 ab1 | cd0 cd1          two words of two lanes of 16 bits; zeros behind an odd stretch
     Helium    per two outputs: a0 a1 ... (all stretches), then b0 b1 ...

   A lane holds two weights, ab = 256 * b + a. What it adds up is T = 256 * Sb + Sa; its low byte, widened, adds up Sa.
   Then Sb = (T - Sa) / 256, exact where Sb fits into 24 bits, which is proven for these weights. */
#if EDGE_MVE
typedef int8_t EdgeDenseWeight;
#elif EDGE_DSP
typedef uint32_t EdgeDenseWeight;
#else
typedef int8_t EdgeDenseWeight;
#endif

/* The constants of a channel: scaled = sum * factor + bias, then its product with the multiplier, / 2^32, plus rounding,
   / 2^shift. Helium finds those of four channels side by side. */
#if EDGE_MVE
typedef struct {
  int32_t bias[4], factor[4], multiplier[4], rounding[4], shift[4];
} EdgeDenseChannels;
#else
typedef struct {
  int32_t bias, factor, multiplier, rounding, shift;
} EdgeDenseChannels;
#endif

typedef struct {
  const EdgeImage *input, *output;
  const EdgeDenseChannels *channels;
  const EdgeDenseWeight *weights;
  uint16_t codes;         /* of one stretch */
  uint8_t stretches, window_width; /* of a window; stretches in one of its rows */
  uint8_t stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
  int16_t low, high;      /* codes, of planes code + 128 */
} EdgeDense;

enum { EDGE_DENSE_STRETCHES = 64 };

@include helium/dense.c@
#elif EDGE_DSP
enum { EDGE_DENSE_UNROLLED = 12 }; /* steps of the loop in the blocks below */
#else
/* Adds the products of four output channels and two pixels, `distance` codes apart, to sums: both pixels of a, ... */
EDGE_INLINE const int8_t *edge_dense_block(const EdgePixelCode *const *stretches, int offset, const int8_t *weights,
                                           int32_t *sums, int distance, int count, int codes) {
  int32_t a0 = sums[0], a1 = sums[1], b0 = sums[2], b1 = sums[3];
  int32_t c0 = sums[4], c1 = sums[5], d0 = sums[6], d1 = sums[7];
  for (; count > 0; count--) {
    const EdgePixelCode *p = *stretches++ + offset;
    for (const EdgePixelCode *const end = p + codes / 4 * 4; p != end; p += 4, weights += 16) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) {
        const int32_t x0 = p[k], x1 = p[distance + k];
        int32_t w = weights[4 * k];
        a0 += w * x0, a1 += w * x1, w = weights[4 * k + 1];
        b0 += w * x0, b1 += w * x1, w = weights[4 * k + 2];
        c0 += w * x0, c1 += w * x1, w = weights[4 * k + 3];
        d0 += w * x0, d1 += w * x1;
        EDGE_STAY_IN_ORDER;
      }
    }
    for (int k = codes % 4; k > 0; k--, p++, weights += 4) {
      const int32_t x0 = p[0], x1 = p[distance];
      a0 += weights[0] * x0, a1 += weights[0] * x1, b0 += weights[1] * x0, b1 += weights[1] * x1;
      c0 += weights[2] * x0, c1 += weights[2] * x1, d0 += weights[3] * x0, d1 += weights[3] * x1;
    }
  }
  sums[0] = a0, sums[1] = a1, sums[2] = b0, sums[3] = b1;
  sums[4] = c0, sums[5] = c1, sums[6] = d0, sums[7] = d1;
  return weights;
}
#endif
/* function */
#if EDGE_DSP && !EDGE_MVE
/* Gives the sums of products of four output channels and two pixels, @distance@ bytes apart: both pixels of a, ... Every
   stretch is `rounds` of a loop of EDGE_DENSE_UNROLLED steps of two codes, less the first `skipped` of them. */
EDGE_ASSEMBLY const uint32_t *@function@_block(const EdgePixelCode *const *stretches, int offset,
                                               const uint32_t *weights, int32_t *sums, int count, int rounds,
                                               int skipped) {
  __asm__ volatile(
      "push {r0, r1, r3, r4-r11, lr}\n\t"
      "sub sp, #8\n\t" /* rounds left, entry; then stretches, offset, sums at 8, 12, 16; count, rounds, skipped from 56 */
      "mov r1, r2\n\t"
      "ldr r3, [sp, #64]\n\t"
      "mov r2, #52\n\t" /* bytes of a step */
      "adr.w r12, 2f\n\t"
      "mla r3, r3, r2, r12\n\t"
      "orr r3, r3, #1\n\t"
      "str r3, [sp, #4]\n\t"
      "mov r4, #0\n\t"  /* a: sums of the first and of the second pixel */
      "mov r5, #0\n\t"
      "mov r6, #0\n\t"  /* ab */
      "mov r7, #0\n\t"
      "mov r8, #0\n\t"  /* c */
      "mov r9, #0\n\t"
      "mov r10, #0\n\t" /* cd */
      "mov r11, #0\n"
      "1:\n\t" /* a stretch */
      "ldrd r2, r3, [sp, #8]\n\t"
      "ldr r0, [r2], #4\n\t"
      "str r2, [sp, #8]\n\t"
      "add r0, r0, r3\n\t"
      "ldr r3, [sp, #60]\n\t"
      "ldr r2, [sp, #4]\n\t"
      "str r3, [sp]\n\t"
      "bx r2\n\t"
      ".balign 4\n"
      "2:\n\t"
      ".rept 12\n\t"
      "ldrd r12, lr, [r1], #8\n\t"
      "ldr.w r3, [r0, #@distance@]\n\t"
      "ldr.w r2, [r0], #4\n\t"
      "smlad r6, r12, r2, r6\n\t"
      "smlad r7, r12, r3, r7\n\t"
      "sxtb16.w r12, r12\n\t"
      "smlad r10, lr, r2, r10\n\t"
      "smlad r11, lr, r3, r11\n\t"
      "sxtb16.w lr, lr\n\t"
      "smlad r4, r12, r2, r4\n\t"
      "smlad r5, r12, r3, r5\n\t"
      "smlad r8, lr, r2, r8\n\t"
      "smlad r9, lr, r3, r9\n\t"
      ".endr\n\t"
      "ldr r2, [sp]\n\t"
      "subs r2, r2, #1\n\t"
      "str r2, [sp]\n\t"
      "bne 2b\n\t"
      "ldr r2, [sp, #56]\n\t"
      "subs r2, r2, #1\n\t"
      "str r2, [sp, #56]\n\t"
      "bne 1b\n\t"
      "sub r6, r6, r4\n\t"
      "asr r6, r6, #8\n\t"
      "sub r7, r7, r5\n\t"
      "asr r7, r7, #8\n\t"
      "sub r10, r10, r8\n\t"
      "asr r10, r10, #8\n\t"
      "sub r11, r11, r9\n\t"
      "asr r11, r11, #8\n\t"
      "ldr r3, [sp, #16]\n\t"
      "stmia r3, {r4-r11}\n\t"
      "mov r0, r1\n\t"
      "add sp, #20\n\t"
      "pop {r4-r11, pc}");
}
#else
#define @function@ @base@
#endif

#if (EDGE_DSP && !EDGE_MVE) || !defined(EDGE_HAS_@base@)
#define EDGE_HAS_@base@
#if EDGE_MVE
/* The codes of four channels of a pixel. */
EDGE_INLINE int32x4_t @function@_codes(const EdgeDense *s, int32x4_t sums, const EdgeDenseChannels *k) {
  const int32x4_t scaled = vaddq_s32(vmulq_s32(sums, vld1q_s32(k->factor)), vld1q_s32(k->bias));
  @if rounding clipped@
  int32x4_t codes = vmulhq_s32(scaled, vld1q_s32(k->multiplier));
  @else@
  int32x4_t codes = vrmulhq_s32(scaled, vld1q_s32(k->multiplier));
  codes = vaddq_s32(codes, vshrq_n_s32(codes, 31));
  @end@
  codes = vshlq_s32(vaddq_s32(codes, vld1q_s32(k->rounding)), vld1q_s32(k->shift));
  return vminq_s32(vmaxq_s32(codes, vdupq_n_s32(s->low)), vdupq_n_s32(s->high));
}
#else
/* The code of a channel of a pixel. */
EDGE_INLINE uint8_t @function@_code(const EdgeDense *s, int32_t sum, const EdgeDenseChannels *k) {
  const int32_t scaled = (int32_t)((uint32_t)sum * (uint32_t)k->factor + (uint32_t)k->bias);
  @if rounding clipped@
  const int32_t code = edge_smmla(scaled, k->multiplier, k->rounding);
  @if target planar@
  (void)s;
  return (uint8_t)EDGE_USAT8(code, @shift@);
  @else@
  (void)s;
  return (uint8_t)EDGE_SSAT8(code, @shift@);
  @end@
  @else@
  return (uint8_t)edge_linear(scaled, k->multiplier, k->rounding, k->shift, s->low, s->high);
  @end@
}
#endif

EDGE_KERNEL void @function@(const EdgeDense *s, int y) {
  const EdgeImage *const in = s->input, *const out = s->output;
  const EdgePixelCode *stretches[EDGE_DENSE_STRETCHES];
  const int distance = s->stride_x * in->channels, count = s->stretches, top = y * s->stride_y - s->pad_top;
  for (int i = 0, ky = 0; i < count; ky++) {
    const EdgePixelCode *p = (const EdgePixelCode *)(const void *)edge_row(in, top + ky * s->dilation_y);
    for (int kx = 0; kx < s->window_width; kx++, p += s->dilation_x * in->channels) stretches[i++] = p;
  }
#if EDGE_DSP && !EDGE_MVE
  const int rounds = (s->codes + 2 * EDGE_DENSE_UNROLLED - 1) / (2 * EDGE_DENSE_UNROLLED);
  const int skipped = rounds * EDGE_DENSE_UNROLLED - (s->codes + 1) / 2;
#endif
  uint8_t *const row = edge_row(out, y);
  int offset = (in->left - s->pad_left) * in->channels;
  for (int x = 0; x < out->width; x += 2, offset += 2 * distance) {
    const EdgeDenseChannels *k = s->channels;
    const EdgeDenseWeight *weights = s->weights;
    const int two = x + 1 < out->width;
    @if target planar@
    uint8_t *o = row + out->left + x;
    const int next = 1, step = out->stride;
    @else@
    uint8_t *o = row + x * out->channels;
    const int next = out->channels, step = 1;
    @end@
    for (int left = out->channels; left > 0; left -= 4) {
      int32_t sums[8] = {0, 0, 0, 0, 0, 0, 0, 0};
#if EDGE_MVE
      weights = edge_dense_block(stretches, offset, weights, sums, distance, count, s->codes);
      const int32x4x2_t pixels = vld2q_s32(sums);
      const mve_pred16_t there = vctp32q((uint32_t)left);
      const uint32x4_t steps = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)step);
      vstrbq_scatter_offset_p_s32((int8_t *)o, steps, @function@_codes(s, pixels.val[0], k), there);
      if (two) vstrbq_scatter_offset_p_s32((int8_t *)o + next, steps, @function@_codes(s, pixels.val[1], k), there);
      k++, o += 4 * step;
#else
#if EDGE_DSP
      weights = @function@_block(stretches, 2 * offset, weights, sums, count, rounds, skipped);
#else
      weights = edge_dense_block(stretches, offset, weights, sums, distance, count, s->codes);
#endif
      const int32_t *sum = sums;
      for (int i = edge_min(left, 4); i > 0; i--, o += step, k++, sum += 2) {
        const EdgeDenseChannels channel = *k; /* for all the compiler knows, `o` may be a part of `k` */
        const uint8_t first = @function@_code(s, sum[0], &channel), second = @function@_code(s, sum[1], &channel);
        o[0] = first;
        if (two) o[next] = second;
      }
#endif
    }
  }
  @if target planar@
  edge_border(out, y);
  @end@
}
#endif
