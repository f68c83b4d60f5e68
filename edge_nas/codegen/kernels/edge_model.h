/* A neural network as C, generated from a .tflite file with sha256
   @sha256@. */
#ifndef EDGE_MODEL_H
#define EDGE_MODEL_H

#include <stdint.h>

#define EDGE_MODEL_SHA256 "@sha256@"

/* TYPE, BYTES: what edge_model_invoke takes and gives, as the file does. CODES: how many int8 codes the network itself
   reads and writes; real = scale * (code - zero_point). Shapes have the batch in front, then rows, columns, channels. */
#define EDGE_MODEL_INPUT_TYPE @input_type@
#define EDGE_MODEL_INPUT_BYTES @input_bytes@
#define EDGE_MODEL_INPUT_CODES @input_codes@
#define EDGE_MODEL_INPUT_SHAPE @input_shape@
#define EDGE_MODEL_INPUT_SCALE @input_scale@
#define EDGE_MODEL_INPUT_ZERO_POINT (@input_zero_point@)
#define EDGE_MODEL_OUTPUT_TYPE @output_type@
#define EDGE_MODEL_OUTPUT_BYTES @output_bytes@
#define EDGE_MODEL_OUTPUT_CODES @output_codes@
#define EDGE_MODEL_OUTPUT_SHAPE @output_shape@
#define EDGE_MODEL_OUTPUT_SCALE @output_scale@
#define EDGE_MODEL_OUTPUT_ZERO_POINT (@output_zero_point@)

/* 1 where edge_model_invoke converts what it takes or gives; who has int8 codes does without it. */
#define EDGE_MODEL_CONVERTS @converts@

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

/* The three above in one, with copies; what the file takes becomes codes, and codes what it gives. */
void edge_model_invoke(const EDGE_MODEL_INPUT_TYPE *input, EDGE_MODEL_OUTPUT_TYPE *output);

#ifdef __cplusplus
}
#endif

#endif
