/* Inputs of every kind ({{ kinds|join(", ") }}) and the outputs that TFLite's reference kernels give for them. */
#ifndef EDGE_VECTORS_H
#define EDGE_VECTORS_H

#include <stdint.h>

#include "edge_model.h"

#define EDGE_VECTORS {{ vectors }}

#ifdef __cplusplus
extern "C" {
#endif

extern const char *const edge_vector_names[EDGE_VECTORS];
extern const int8_t edge_vector_inputs[EDGE_VECTORS][EDGE_MODEL_INPUT_BYTES];
extern const int8_t edge_vector_outputs[EDGE_VECTORS][EDGE_MODEL_OUTPUT_BYTES];

#ifdef __cplusplus
}
#endif

#endif
