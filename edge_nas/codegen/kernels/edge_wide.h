/* Sums of products of 16 codes by 16 weights at a time with the vector instructions of the ESP32-S3.

   UNVERIFIED: no emulator and no assembler that was at hand knows these instructions. Without -DEDGE_ESP32S3=1 nothing of
   this is compiled, and the loops of the kernels are plain C. What is proven is the arithmetic, by a model in C of what the
   chip's technical reference manual (chapter 1, Processor Instruction Extensions) says of each instruction; where each is
   said again here:

     EDGE_WIDE_ZERO           the accumulator ACCX, 40 bits, becomes 0
     EDGE_WIDE_LOAD(q, p)     16 bytes from p, a multiple of 16, to register q; p moves on by 16
     EDGE_WIDE_LOAD_PART(q, p)  the same from the multiple of 16 at p or below; SAR_BYTE becomes what p is above it
     EDGE_WIDE_JOIN(to, a, b)   16 bytes of a and then b, SAR_BYTE bytes in; afterwards a is what b is
     EDGE_WIDE_SUM(a, b)      16 signed products of bytes of a and b are added to ACCX
     EDGE_WIDE_TAKE(sum)      the lower 32 bits of ACCX */
#if defined(EDGE_ESP32S3) && EDGE_ESP32S3
#if !defined(EDGE_WIDE_MODEL)
#define EDGE_WIDE_ZERO __asm__ volatile("ee.zero.accx")
#define EDGE_WIDE_LOAD(q, p) __asm__ volatile("ee.vld.128.ip q" #q ", %0, 16" : "+r"(p) : : "memory")
#define EDGE_WIDE_LOAD_PART(q, p) __asm__ volatile("ee.ld.128.usar.ip q" #q ", %0, 16" : "+r"(p) : : "memory")
#define EDGE_WIDE_JOIN(to, a, b) __asm__ volatile("ee.src.q.qup q" #to ", q" #a ", q" #b)
#define EDGE_WIDE_SUM(a, b) __asm__ volatile("ee.vmulas.s8.accx q" #a ", q" #b)
#define EDGE_WIDE_TAKE(sum) __asm__ volatile("rur.accx_0 %0" : "=r"(sum))
#endif

/* sum + the products of `count` codes by as many weights. The compiler gives out none of the vector registers, so that they
   keep what they hold from one statement to the next. Weights begin at a multiple of 16 and are zeros up to the next one:
   what is loaded of codes beyond the last one does not matter. Only such 16 bytes are loaded as hold a code. */
EDGE_INLINE int32_t edge_wide_dot(const int8_t *codes, const int8_t *weights, int32_t count, int32_t sum) {
  const int32_t vectors = (count + 15) >> 4;
  const int32_t first = (int32_t)((uintptr_t)codes & 15u);
  int32_t products;
  EDGE_WIDE_ZERO;
  EDGE_WIDE_LOAD_PART(0, codes);
  for (int32_t left = vectors - 1; left > 0; left--) {
    EDGE_WIDE_LOAD(2, weights);
    EDGE_WIDE_LOAD_PART(1, codes);
    EDGE_WIDE_JOIN(3, 0, 1);
    EDGE_WIDE_SUM(3, 2);
  }
  EDGE_WIDE_LOAD(2, weights);
  if (first + count > 16 * vectors) EDGE_WIDE_LOAD_PART(1, codes);
  EDGE_WIDE_JOIN(3, 0, 1);
  EDGE_WIDE_SUM(3, 2);
  EDGE_WIDE_TAKE(products);
  return sum + products;
}
#else
EDGE_INLINE int32_t edge_wide_dot(const int8_t *codes, const int8_t *weights, int32_t count, int32_t sum) {
  for (int32_t i = 0; i < count; i++) sum += codes[i] * weights[i];
  return sum;
}
#endif
