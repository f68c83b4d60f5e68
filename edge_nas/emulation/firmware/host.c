/* Runs a generated network on this machine: frames from standard input to standard output, until the input ends.
 *
 * Before each frame comes a byte: 0 to go through the arena's own buffers, 1 to go through edge_model_invoke;
 * where that converts, all go through it.
 */
#include <stdio.h>
#include <string.h>

#include "edge_model.h"

#ifndef EDGE_MODEL_CONVERTS
#define EDGE_MODEL_CONVERTS 0
#define EDGE_MODEL_INPUT_TYPE int8_t
#define EDGE_MODEL_OUTPUT_TYPE int8_t
#endif

static EDGE_MODEL_INPUT_TYPE input[EDGE_MODEL_INPUT_BYTES / sizeof(EDGE_MODEL_INPUT_TYPE)];
static EDGE_MODEL_OUTPUT_TYPE output[EDGE_MODEL_OUTPUT_BYTES / sizeof(EDGE_MODEL_OUTPUT_TYPE)];

int main(void)
{
    int way;
    while ((way = getchar()) != EOF) {
        if (fread(input, 1, sizeof input, stdin) != sizeof input) {
            return 10;
        }
        if (way || EDGE_MODEL_CONVERTS) {
            edge_model_invoke(input, output);
        } else {
            memcpy(edge_model_input(), input, sizeof input);
            edge_model_run();
            memcpy(output, edge_model_output(), sizeof output);
        }
        if (fwrite(output, 1, sizeof output, stdout) != sizeof output) {
            return 11;
        }
    }
    return 0;
}
