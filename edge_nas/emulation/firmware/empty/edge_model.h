/* A network of nothing: what the measuring program costs without one. It is linked, not run; its sizes are not zero,
 * because a compiler that knew them to be would leave most of the program out. */
#ifndef EDGE_MODEL_H
#define EDGE_MODEL_H

#include <stdint.h>

#define EDGE_MODEL_INPUT_BYTES 4
#define EDGE_MODEL_OUTPUT_BYTES 4
#define EDGE_MODEL_ARENA_BYTES 4

int8_t *edge_model_input(void);
void edge_model_run(void);
const int8_t *edge_model_output(void);

#endif
