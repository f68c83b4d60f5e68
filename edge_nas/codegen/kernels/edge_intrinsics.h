/* What the kernels of a generated network share: portable C99, with the instructions of Arm cores where they exist.

   1. the compiler: how functions are inlined and data aligned
   2. instruction sets: EDGE_DSP, EDGE_MVE (Helium), EDGE_THUMB and EDGE_SAT are 1 where they can be used;
      -DEDGE_PORTABLE forgoes all
   3. arithmetic of any core; then with one instruction each where there are DSP instructions; from sums to codes
   4. copies of bytes with Helium
   5. EdgeImage: where the rows of an activation lie */
#ifndef EDGE_INTRINSICS_H
#define EDGE_INTRINSICS_H

#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && !defined(__clang__) && defined(__thumb__)
/* Scheduling before registers are given out costs more loads from the stack than it hides latencies here. */
#pragma GCC optimize("no-schedule-insns")
#endif

#if defined(__GNUC__)
#define EDGE_INLINE static inline __attribute__((always_inline, unused))
/* One text for all that call it, whoever they are: how many instructions it takes depends on its arguments alone. */
#if defined(__clang__)
#define EDGE_KERNEL static __attribute__((noinline))
#else
#define EDGE_KERNEL static __attribute__((noinline, noclone, noipa))
#endif
/* A function of nothing but assembly, called as the procedure call standard says. */
#if defined(__clang__)
#define EDGE_ASSEMBLY static __attribute__((naked, noinline, used))
#else
#define EDGE_ASSEMBLY static __attribute__((naked, noinline, noclone, noipa, used))
#endif
#define EDGE_ALIGNED(bytes) __attribute__((aligned(bytes)))
#define EDGE_LIKELY(x) __builtin_expect(!!(x), 1)
#define EDGE_WORD(p) __builtin_assume_aligned(p, 4)
#define EDGE_STAY_LOOP __asm__ volatile("")
#else
#define EDGE_STAY_LOOP
#define EDGE_INLINE static inline
#define EDGE_KERNEL static
#define EDGE_ALIGNED(bytes)
#define EDGE_LIKELY(x) (x)
#define EDGE_WORD(p) (p)
#endif

/* Where the compiler would load all that a long loop body reads before it uses any of it, and run out of registers. */
#if defined(__GNUC__) && defined(__riscv)
#define EDGE_STAY_IN_ORDER __asm__ volatile("" ::: "memory")
#else
#define EDGE_STAY_IN_ORDER
#endif

/* Where the compiler would cut a number to the bits that are stored of it, which takes instructions, and then store. */
#if defined(__GNUC__) && defined(__riscv)
#define EDGE_STAY_WIDE(value) __asm__("" : "+r"(value))
#else
#define EDGE_STAY_WIDE(value)
#endif

/* A number that the compiler is not to know. Of a factor that it knows it makes shifts and additions, few or many; a loop
   of which it knows how often it runs, it writes out or does not: what a kernel takes would depend on weights. */
#if !defined(__GNUC__)
#define EDGE_UNKNOWN(number)
#elif defined(__thumb__) && !defined(__thumb2__)
#define EDGE_UNKNOWN(number) __asm__("" : "+l"(number))
#else
#define EDGE_UNKNOWN(number) __asm__("" : "+r"(number))
#endif

/* Whether some twenty numbers stay in registers. Thumb has thirteen at most. */
#if defined(__thumb__)
#define EDGE_MANY_REGISTERS 0
#else
#define EDGE_MANY_REGISTERS 1
#endif

/* A function that many kernels call: in each of them where code is made for speed, once where it is made for size. */
#if defined(EDGE_SMALL) && defined(__GNUC__)
#define EDGE_OFTEN static __attribute__((noinline, unused))
#else
#define EDGE_OFTEN EDGE_INLINE
#endif

/* A kernel of one step: its text stands where it is called, with the constants of that step worked in. */
#define EDGE_ONLY_KERNEL EDGE_INLINE

/* A kernel of a few lines: the same in each of its steps where code is made for speed. */
#if defined(EDGE_SMALL)
#define EDGE_SHORT_KERNEL EDGE_KERNEL
#else
#define EDGE_SHORT_KERNEL EDGE_INLINE
#endif

/* A step, with its kernel worked in: a function of its own, so that its registers are its own too. Where code is made for
   size, a call for each is too much. */
#if defined(EDGE_SMALL)
#define EDGE_STEP EDGE_INLINE
#else
#define EDGE_STEP EDGE_KERNEL
#endif

#if defined(__GNUC__) && defined(__ARM_FEATURE_DSP) && defined(__thumb2__) && !defined(EDGE_PORTABLE)
#define EDGE_DSP 1
#else
#define EDGE_DSP 0
#endif

/* The first Thumb instructions alone, of eight registers and two operands: ARMv6-M. */
#if defined(__GNUC__) && defined(__thumb__) && !defined(__thumb2__) && !defined(EDGE_PORTABLE)
#define EDGE_THUMB 1
#else
#define EDGE_THUMB 0
#endif

/* A kernel that goes through the rows of an image: of few lines where a row is a function of assembly. */
#if EDGE_DSP
#define EDGE_ROW_KERNEL EDGE_SHORT_KERNEL
#else
#define EDGE_ROW_KERNEL EDGE_KERNEL
#endif

/* Helium: vectors of 16 bytes. */
#if defined(__GNUC__) && defined(__ARM_FEATURE_MVE) && EDGE_DSP
#include <arm_mve.h>
#define EDGE_MVE 1
#else
#define EDGE_MVE 0
#endif

#if defined(__GNUC__) && defined(__ARM_FEATURE_SAT) && defined(__thumb2__) && !defined(EDGE_PORTABLE)
#define EDGE_SAT 1
#else
#define EDGE_SAT 0
#endif

EDGE_INLINE int32_t edge_min(int32_t a, int32_t b) { return a < b ? a : b; }
EDGE_INLINE int32_t edge_max(int32_t a, int32_t b) { return a > b ? a : b; }
EDGE_INLINE int32_t edge_clamp(int32_t value, int32_t low, int32_t high) {
  return value < low ? low : value > high ? high : value;
}

/* a << n of a signed number, without the undefined behaviour of C. */
EDGE_INLINE int32_t edge_shift_left(int32_t value, int n) { return (int32_t)((uint32_t)value << n); }

/* a + b modulo 2^32. */
EDGE_INLINE int32_t edge_add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }

#if EDGE_THUMB
/* a * b >> 32. ARMv6-M multiplies to 32 bits only, and has its compilers call a function for 64; with four products of
   halves the upper one takes half as many instructions. None of the sums leaves 32 bits. */
EDGE_OFTEN int32_t edge_upper_product(int32_t a, int32_t b) {
  const int32_t a_high = a >> 16, a_low = a & 0xffff, b_high = b >> 16, b_low = b & 0xffff;
  const int32_t middle = a_high * b_low + (int32_t)((uint32_t)a_low * (uint32_t)b_low >> 16);
  return a_high * b_high + (middle >> 16) + ((a_low * b_high + (middle & 0xffff)) >> 16);
}

/* a * b / 2^31, rounded to the nearest integer, halves upwards: the lower half's first bit, and its second to round. */
EDGE_INLINE int32_t edge_multiply_high(int32_t a, int32_t b) {
  const uint32_t lower = (uint32_t)a * (uint32_t)b;
  return edge_add(edge_shift_left(edge_upper_product(a, b), 1), (int32_t)(((lower >> 30) + 1) >> 1));
}
#else
/* a * b / 2^31, rounded to the nearest integer, halves upwards. */
EDGE_INLINE int32_t edge_multiply_high(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31);
}
#endif

/* value / 2^n, rounded to the nearest integer, halves away from zero; n in 0..31. */
EDGE_INLINE int32_t edge_divide_by_power(int32_t value, int n) {
  const int32_t half = (int32_t)((1u << n) >> 1);
  return n == 0 ? value : (int32_t)(((int64_t)value + half + (value >> 31)) >> n);
}

/* value * multiplier * 2^(shift - 31), rounded twice as the reference kernels do. */
EDGE_INLINE int32_t edge_rescale(int32_t value, int32_t multiplier, int shift) {
  const int left = shift > 0 ? shift : 0;
  return edge_divide_by_power(edge_multiply_high(edge_shift_left(value, left), multiplier), left - shift);
}

/* value + zero_point, clipped to low..high. */
EDGE_INLINE int8_t edge_code(int32_t value, int32_t zero_point, int32_t low, int32_t high) {
  return (int8_t)(edge_clamp(value, low - zero_point, high - zero_point) + zero_point);
}

/* The word at p, which need not be aligned. */
EDGE_INLINE uint32_t edge_load32(const void *p) {
  uint32_t word;
  memcpy(&word, p, 4);
  return word;
}

/* The word at p, which is aligned. */
EDGE_INLINE uint32_t edge_load32_aligned(const void *p) {
  uint32_t word;
  memcpy(&word, EDGE_WORD(p), 4);
  return word;
}

EDGE_INLINE void edge_store32(void *p, uint32_t word) { memcpy(EDGE_WORD(p), &word, 4); }

#if EDGE_DSP
/* Functions of nothing but assembly do not name their parameters. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define EDGE_DSP3(name, instruction)                                                    \
  EDGE_INLINE int32_t name(uint32_t a, uint32_t b, int32_t c) {                         \
    int32_t r;                                                                          \
    __asm__(instruction " %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(c));          \
    return r;                                                                           \
  }
EDGE_DSP3(edge_smlabb, "smlabb")
EDGE_DSP3(edge_smlatt, "smlatt")
/* c + (a * b >> 32) */
EDGE_INLINE int32_t edge_smmla(int32_t a, int32_t b, int32_t c) {
  int32_t r;
  __asm__("smmla %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(c));
  return r;
}
/* a * b / 2^32, rounded to the nearest integer, halves upwards */
EDGE_INLINE int32_t edge_smmulr(int32_t a, int32_t b) {
  int32_t r;
  __asm__("smmulr %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));
  return r;
}
EDGE_INLINE uint32_t edge_sxtb16(uint32_t a) {
  uint32_t r;
  __asm__("sxtb16 %0, %1" : "=r"(r) : "r"(a));
  return r;
}
EDGE_INLINE uint32_t edge_sxtb16_odd(uint32_t a) {
  uint32_t r;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(r) : "r"(a));
  return r;
}
EDGE_INLINE uint32_t edge_uxtb16(uint32_t a) {
  uint32_t r;
  __asm__("uxtb16 %0, %1" : "=r"(r) : "r"(a));
  return r;
}
EDGE_INLINE uint32_t edge_uxtb16_odd(uint32_t a) {
  uint32_t r;
  __asm__("uxtb16 %0, %1, ror #8" : "=r"(r) : "r"(a));
  return r;
}
/* sum + the even bytes of a, widened; the odd ones */
EDGE_INLINE uint32_t edge_sxtab16(uint32_t sum, uint32_t a) {
  uint32_t r;
  __asm__("sxtab16 %0, %1, %2" : "=r"(r) : "r"(sum), "r"(a));
  return r;
}
EDGE_INLINE uint32_t edge_sxtab16_odd(uint32_t sum, uint32_t a) {
  uint32_t r;
  __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(r) : "r"(sum), "r"(a));
  return r;
}
/* low half of a, low half of b above it */
EDGE_INLINE uint32_t edge_pack_low(uint32_t a, uint32_t b) {
  uint32_t r;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(r) : "r"(a), "r"(b));
  return r;
}
/* low half of a, high half of b above it */
EDGE_INLINE uint32_t edge_pack_ends(uint32_t a, uint32_t b) {
  uint32_t r;
  __asm__("pkhbt %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));
  return r;
}
/* high half of a, high half of b above it */
EDGE_INLINE uint32_t edge_pack_high(uint32_t a, uint32_t b) {
  uint32_t r;
  __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(r) : "r"(b), "r"(a));
  return r;
}
/* the larger of each of four unsigned bytes */
EDGE_INLINE uint32_t edge_max_u8x4(uint32_t a, uint32_t b) {
  uint32_t r;
  __asm__("usub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(r) : "r"(a), "r"(b) : "cc");
  return r;
}
/* the larger of each of four signed bytes */
EDGE_INLINE uint32_t edge_max_s8x4(uint32_t a, uint32_t b) {
  uint32_t r;
  __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(r) : "r"(a), "r"(b) : "cc");
  return r;
}
#elif EDGE_THUMB
/* c + (a * b >> 32) */
EDGE_INLINE int32_t edge_smmla(int32_t a, int32_t b, int32_t c) { return edge_add(edge_upper_product(a, b), c); }
/* a * b / 2^32, rounded to the nearest integer, halves upwards */
EDGE_INLINE int32_t edge_smmulr(int32_t a, int32_t b) {
  return edge_upper_product(a, b) + (int32_t)((uint32_t)a * (uint32_t)b >> 31);
}
#else
/* c + (a * b >> 32) */
EDGE_INLINE int32_t edge_smmla(int32_t a, int32_t b, int32_t c) {
  return edge_add((int32_t)(((int64_t)a * b) >> 32), c);
}
/* a * b / 2^32, rounded to the nearest integer, halves upwards */
EDGE_INLINE int32_t edge_smmulr(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + ((int64_t)1 << 31)) >> 32);
}
#endif

/* The code + 128 of an accumulator scaled by 2: rounded twice, halves away from zero the second time, by a shift of
   at least 1. `rounding` holds half of the second step and the zero point. */
EDGE_INLINE uint32_t edge_linear(int32_t sum, int32_t multiplier, int32_t rounding, int shift, int low, int high) {
  const int32_t high_half = edge_smmulr(sum, multiplier);
  return (uint32_t)edge_clamp((high_half + (high_half >> 31) + rounding) >> shift, low, high);
}

/* value >> n, then clipped to 0..255; n is a constant. */
#if EDGE_SAT
#define EDGE_USAT8(value, n) \
  __extension__({ uint32_t r_; __asm__("usat %0, #8, %1, asr %2" : "=r"(r_) : "r"(value), "I"(n)); r_; })
#else
EDGE_INLINE uint32_t edge_usat8(int32_t value) {
  uint32_t code = EDGE_LIKELY((uint32_t)value <= 255u) ? (uint32_t)value : value < 0 ? 0u : 255u;
  EDGE_STAY_WIDE(code);
  return code;
}
#define EDGE_USAT8(value, n) edge_usat8((value) >> (n))
#endif

/* value >> n, then clipped to -128..127; n is a constant. */
#if EDGE_SAT
#define EDGE_SSAT8(value, n) \
  __extension__({ int32_t r_; __asm__("ssat %0, #8, %1, asr %2" : "=r"(r_) : "r"(value), "I"(n)); r_; })
#else
EDGE_INLINE int32_t edge_ssat8(int32_t value) {
  return edge_clamp(value, -128, 127);
}
#define EDGE_SSAT8(value, n) edge_ssat8((value) >> (n))
#endif

/* A code of the layout `pixels`: with DSP instructions, two codes in a word meet two weights; with Helium, a vector of
   signed bytes another; else code + 128, whose loads take an offset on every core. EDGE_PIXEL_ZERO: what has been
   taken off it. */
#if EDGE_MVE
typedef int8_t EdgePixelCode;
#define EDGE_PIXEL_ZERO 128
#define EDGE_PIXEL_FILL(pad) ((((pad) - 128u) & 0xffu) * 0x01010101u)
#elif EDGE_DSP
typedef int16_t EdgePixelCode;
#define EDGE_PIXEL_ZERO 128
#define EDGE_PIXEL_FILL(pad) ((((pad) - 128u) & 0xffffu) * 0x00010001u)
#else
typedef uint8_t EdgePixelCode;
#define EDGE_PIXEL_ZERO 0
#define EDGE_PIXEL_FILL(pad) ((pad) * 0x01010101u)
#endif

#if EDGE_MVE
/* sum + a[0] * b[0] + ... */
EDGE_INLINE int32_t edge_dot(const int8_t *a, const int8_t *b, int count, int32_t sum) {
  __asm__ volatile(
      "wlstp.8 lr, %3, 2f\n"
      "1:\n\t"
      "vldrb.8 q0, [%1], #16\n\t"
      "vldrb.8 q1, [%2], #16\n\t"
      "vmladava.s8 %0, q0, q1\n\t"
      "letp lr, 1b\n"
      "2:"
      : "+Te"(sum), "+r"(a), "+r"(b)
      : "r"(count)
      : "q0", "q1", "lr", "memory");
  return sum;
}

/* Copies `count` bytes. */
EDGE_INLINE void edge_copy(void *to, const void *from, int count) {
  __asm__ volatile(
      "wlstp.8 lr, %2, 2f\n"
      "1:\n\t"
      "vldrb.8 q0, [%1], #16\n\t"
      "vstrb.8 q0, [%0], #16\n\t"
      "letp lr, 1b\n"
      "2:"
      : "+r"(to), "+r"(from)
      : "r"(count)
      : "q0", "lr", "memory");
}

/* Offsets 0, step, 2 * step, ... */
EDGE_INLINE uint16x8_t edge_steps(int step) { return vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)step); }

/* to[i * step] = from[i] ^ flip for i below count */
EDGE_INLINE void edge_spread(uint8_t *to, const uint8_t *from, int count, int step, int flip) {
  const uint16x8_t steps = edge_steps(step), flips = vdupq_n_u16((uint16_t)flip);
  __asm__ volatile(
      "wlstp.16 lr, %2, 2f\n"
      "1:\n\t"
      "vldrb.u16 q0, [%1], #8\n\t"
      "veor q0, q0, %q4\n\t"
      "vstrb.16 q0, [%0, %q3]\n\t"
      "add %0, %0, %5, lsl #3\n\t"
      "letp lr, 1b\n"
      "2:"
      : "+r"(to), "+l"(from)
      : "r"(count), "w"(steps), "w"(flips), "r"(step)
      : "q0", "lr", "memory");
}

/* to[i] = from[i * step] ^ flip for i below count */
EDGE_INLINE void edge_gather(uint8_t *to, const uint8_t *from, int count, int step, int flip) {
  const uint16x8_t steps = edge_steps(step), flips = vdupq_n_u16((uint16_t)flip);
  __asm__ volatile(
      "wlstp.16 lr, %2, 2f\n"
      "1:\n\t"
      "vldrb.u16 q0, [%1, %q3]\n\t"
      "veor q0, q0, %q4\n\t"
      "add %1, %1, %5, lsl #3\n\t"
      "vstrb.16 q0, [%0], #8\n\t"
      "letp lr, 1b\n"
      "2:"
      : "+l"(to), "+r"(from)
      : "r"(count), "w"(steps), "w"(flips), "r"(step)
      : "q0", "lr", "memory");
}
#endif

/* An activation tensor: rows of one layout, all of them or a ring of the last `capacity`.

   flat: int8 codes, pixel by pixel. planar: per channel `stride` bytes of code + 128, `left` of them border. pairs: per
   two pixels `stride` bytes, for every two channels four uint16 code + 128, those of the left pixel first; with Helium
   int8 codes, pixel by pixel, an even number of bytes each. pixels: one EdgePixelCode after another. `fill`: a word of
   border. */
typedef struct {
  uint8_t *base;
  uint32_t row_bytes, fill;
  uint16_t capacity, width, channels, stride;
  uint8_t top, left, right;
} EdgeImage;

/* The place of channel c of the first pixel in a row of pairs. */
#if EDGE_MVE
typedef uint8_t EdgePairCode;
EDGE_INLINE EdgePairCode *edge_pair_channel(uint8_t *row, int c) { return row + c; }
#else
typedef uint16_t EdgePairCode;
EDGE_INLINE EdgePairCode *edge_pair_channel(uint8_t *row, int c) {
  return (uint16_t *)(void *)(row + c / 2 * 8) + c % 2;
}
#endif

/* Row y of an image, counted without its border; in a ring, row y takes the place of row y - capacity. */
EDGE_OFTEN uint8_t *edge_row(const EdgeImage *image, int y) {
  return image->base + (uint32_t)(y + image->top) % image->capacity * image->row_bytes;
}

/* Fills a row of border. */
EDGE_INLINE void edge_border_row(const EdgeImage *image, int y) {
  uint8_t *const row = edge_row(image, y);
  for (uint32_t i = 0; i < image->row_bytes; i += 4) edge_store32(row + i, image->fill);
}

#endif
