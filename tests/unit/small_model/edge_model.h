/* Stands in for generated code: adds one to each of 12 bytes, and spins a known number of instructions. */
#ifndef EDGE_MODEL_H
#define EDGE_MODEL_H

#include <stdint.h>

#define EDGE_MODEL_INPUT_BYTES 12
#define EDGE_MODEL_OUTPUT_BYTES 12
#define EDGE_MODEL_ARENA_BYTES 32

int8_t *edge_model_input(void);
void edge_model_run(void);
const int8_t *edge_model_output(void);
void edge_model_invoke(const int8_t *input, int8_t *output);

#endif
