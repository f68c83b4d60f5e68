/* Does the network compute on this machine what it did where it was made? */
#ifndef EDGE_SELF_TEST_H
#define EDGE_SELF_TEST_H

#include <stdint.h>

#include "edge_vectors.h"

/* What one test vector gave: the first byte that differs, or index -1. */
typedef struct {
    const char *name;
    int32_t index;
    int8_t expected;
    int8_t seen;
} edge_self_test_result;

#ifdef __cplusplus
extern "C" {
#endif

/* Runs test vector `number`, from 0 to EDGE_VECTORS - 1{{ ", in this order: the network keeps something from call to call" if compiled.keeps_state }}. */
edge_self_test_result edge_self_test(uint32_t number);

#ifdef __cplusplus
}
#endif

#endif
