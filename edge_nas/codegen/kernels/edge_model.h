/* A neural network as C, generated from a .tflite file with sha256
   @sha256@. */
#ifndef EDGE_MODEL_H
#define EDGE_MODEL_H

#include <stdint.h>

#define EDGE_MODEL_SHA256 "@sha256@"

/* TYPE, BYTES: what edge_model_invoke takes and gives, as the file does. CODES: how many codes the network itself
   reads and writes; real = scale * (code - zero_point). Shapes have the batch in front, then rows, columns, channels. */
@defines@

@if ends several@
/* Over all ends. DO(NAME, name) is called with INPUT_0, input_0 and so on; ARGUMENTS are those of edge_model_invoke, in
   variables of its parameters' names. */
@totals@

@end@
/* 1 where edge_model_invoke converts what it takes or gives; who has int8 codes does without it. */
#define EDGE_MODEL_CONVERTS @converts@

/* All static memory of the network, input and output included. */
#define EDGE_MODEL_ARENA_BYTES @arena_bytes@

#ifdef __cplusplus
extern "C" {
#endif

/* Where the input codes are to be written before each run: the run overwrites them. */
@inputs@

@if ends one@
/* Computes the output from the input. Takes no memory but the arena and a little stack; not reentrant. */
@else@
/* Computes all outputs from all inputs. Takes no memory but the arena and a little stack; not reentrant. */
@end@
void edge_model_run(void);

@if state 1@
/* 1: outputs depend on earlier calls as well. Forgets them, as before the first call, which needs no reset. */
#define EDGE_MODEL_KEEPS_STATE 1
void edge_model_reset(void);

@end@
/* Where the output codes are after a run, until the next input is written. */
@outputs@

/* The three above in one, with copies; what the file takes becomes codes, and codes what it gives. */
void edge_model_invoke(@parameters@);

#ifdef __cplusplus
}
#endif

#endif
