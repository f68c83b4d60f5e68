/* Runs a generated network on this machine: frames from standard input to standard output, until the input ends.
 * A frame is the bytes of all inputs, one after the other; what comes of it, those of all outputs.
 *
 * Before each frame comes a byte: 0 to go through the arena's own buffers, 1 to go through edge_model_invoke;
 * where that converts, all go through it. With 2 added, a network that keeps something from call to call forgets it.
 */
#include <stdio.h>
#include <string.h>

#include "edge_model.h"

#ifndef EDGE_MODEL_CONVERTS
#define EDGE_MODEL_CONVERTS 0
#define EDGE_MODEL_INPUT_TYPE int8_t
#define EDGE_MODEL_OUTPUT_TYPE int8_t
#endif
#ifndef EDGE_MODEL_ARGUMENTS
#define EDGE_MODEL_EACH_INPUT(DO) DO(INPUT, input)
#define EDGE_MODEL_EACH_OUTPUT(DO) DO(OUTPUT, output)
#define EDGE_MODEL_ARGUMENTS input, output
#endif

#define DEFINE(NAME, name) \
    static EDGE_MODEL_##NAME##_TYPE name[EDGE_MODEL_##NAME##_BYTES / sizeof(EDGE_MODEL_##NAME##_TYPE)];
#define READ(NAME, name) \
    if (fread(name, 1, sizeof name, stdin) != sizeof name) { \
        return 10; \
    }
#define PUT(NAME, name) memcpy(edge_model_##name(), name, sizeof name);
#define GET(NAME, name) memcpy(name, edge_model_##name(), sizeof name);
#define WRITE(NAME, name) \
    if (fwrite(name, 1, sizeof name, stdout) != sizeof name) { \
        return 11; \
    }

EDGE_MODEL_EACH_INPUT(DEFINE)
EDGE_MODEL_EACH_OUTPUT(DEFINE)

int main(void)
{
    int way;
    while ((way = getchar()) != EOF) {
        EDGE_MODEL_EACH_INPUT(READ)
#ifdef EDGE_MODEL_KEEPS_STATE
        if (way & 2) {
            edge_model_reset();
        }
#endif
        if ((way & 1) || EDGE_MODEL_CONVERTS) {
            edge_model_invoke(EDGE_MODEL_ARGUMENTS);
        } else {
            EDGE_MODEL_EACH_INPUT(PUT)
            edge_model_run();
            EDGE_MODEL_EACH_OUTPUT(GET)
        }
        EDGE_MODEL_EACH_OUTPUT(WRITE)
    }
    return 0;
}
