/* A neural network as C, generated from a .tflite file with sha256
   @sha256@. */
#ifndef EDGE_MODEL_H
#define EDGE_MODEL_H

#include <stdint.h>

#define EDGE_MODEL_SHA256 "@sha256@"

/* real = scale * (code - zero_point); shapes have the batch in front, then rows, columns, channels. */
#define EDGE_MODEL_INPUT_BYTES @input_bytes@
#define EDGE_MODEL_INPUT_SHAPE @input_shape@
#define EDGE_MODEL_INPUT_SCALE @input_scale@
#define EDGE_MODEL_INPUT_ZERO_POINT (@input_zero_point@)
#define EDGE_MODEL_OUTPUT_BYTES @output_bytes@
#define EDGE_MODEL_OUTPUT_SHAPE @output_shape@
#define EDGE_MODEL_OUTPUT_SCALE @output_scale@
#define EDGE_MODEL_OUTPUT_ZERO_POINT (@output_zero_point@)

/* All static memory of the network, input and output included. */
#define EDGE_MODEL_ARENA_BYTES @arena_bytes@

#ifdef __cplusplus
extern "C" {
#endif

/* Where the input codes are to be written before each run: the run overwrites them. */
int8_t *edge_model_input(void);

/* Computes the output from the input. Takes no memory but the arena and a little stack; not reentrant. */
void edge_model_run(void);

/* Where the output codes are after a run, until the next input is written. */
const int8_t *edge_model_output(void);

/* The three above in one, with copies. */
void edge_model_invoke(const int8_t *input, int8_t *output);

#ifdef __cplusplus
}
#endif

#endif
