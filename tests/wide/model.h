/* The vector instructions of the ESP32-S3 that edge_wide.h uses, in C, after what others report of the chip's technical
   reference manual: eight registers of 16 bytes, the accumulator ACCX of 40 bits, SAR_BYTE. An aligned load of another
   address is an error here; the chip would leave its lowest four bits out. */
#ifndef EDGE_WIDE_MODEL
#define EDGE_WIDE_MODEL 1
#define EDGE_ESP32S3 1
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int8_t model_q[8][16];
static int64_t model_accx;
static unsigned model_sar_byte;
static long model_sums; /* how often 16 products were added: that the vectors are used at all */

/* EE.VLD.128.IP */
static inline void model_load(int q, const int8_t **p) {
  if ((uintptr_t)*p % 16 != 0) abort();
  memcpy(model_q[q], *p, 16);
  *p += 16;
}

/* EE.LD.128.USAR.IP */
static inline void model_load_part(int q, const int8_t **p) {
  model_sar_byte = (unsigned)((uintptr_t)*p % 16);
  memcpy(model_q[q], *p - model_sar_byte, 16);
  *p += 16;
}

/* EE.SRC.Q.QUP */
static inline void model_join(int to, int a, int b) {
  int8_t both[32];
  memcpy(both, model_q[a], 16);
  memcpy(both + 16, model_q[b], 16);
  memcpy(model_q[to], both + model_sar_byte, 16);
  memcpy(model_q[a], both + 16, 16);
}

/* EE.VMULAS.S8.ACCX, which saturates at 40 bits: no sum here may come near. */
static inline void model_sum(int a, int b) {
  for (int i = 0; i < 16; i++) model_accx += model_q[a][i] * model_q[b][i];
  if (model_accx < -((int64_t)1 << 39) || model_accx >= (int64_t)1 << 39) abort();
  model_sums++;
}

#define EDGE_WIDE_ZERO (model_accx = 0)
#define EDGE_WIDE_LOAD(q, p) model_load(q, &(p))
#define EDGE_WIDE_LOAD_PART(q, p) model_load_part(q, &(p))
#define EDGE_WIDE_JOIN(to, a, b) model_join(to, a, b)
#define EDGE_WIDE_SUM(a, b) model_sum(a, b)
#define EDGE_WIDE_TAKE(sum) ((sum) = (int32_t)model_accx) /* RUR.ACCX_0 */
#endif
