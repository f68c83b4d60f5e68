/* Sums of every length up to 100 from every address of codes, in memory of which no byte beyond is there. */
#include "model.h"

#include "edge_intrinsics.h"
#include "edge_wide.h"

#include <stdio.h>

int main(void) {
  uint32_t state = 1;
  for (int32_t count = 1; count <= 100; count++) {
    for (int32_t first = 0; first < 16; first++) {
      const size_t bytes = (size_t)(first + count + 15) / 16 * 16, padded = (size_t)(count + 15) / 16 * 16;
      int8_t *codes = aligned_alloc(16, bytes), *weights = aligned_alloc(16, padded);
      if (codes == NULL || weights == NULL) return 2;
      memset(weights, 0, padded);
      for (size_t i = 0; i < bytes; i++) codes[i] = (int8_t)((state = state * 1664525u + 1013904223u) >> 24);
      for (int32_t i = 0; i < count; i++) weights[i] = (int8_t)((state = state * 1664525u + 1013904223u) >> 24);
      if (count % 7 == 0) memset(codes, -128, bytes), memset(weights, -128, (size_t)count);
      int32_t expected = -12345;
      for (int32_t i = 0; i < count; i++) expected += codes[first + i] * weights[i];
      if (edge_wide_dot(codes + first, weights, count, -12345) != expected) {
        printf("%d codes from %d\n", (int)count, (int)first);
        return 1;
      }
      free(codes);
      free(weights);
    }
  }
  printf("%ld sums\n", model_sums);
  return 0;
}
