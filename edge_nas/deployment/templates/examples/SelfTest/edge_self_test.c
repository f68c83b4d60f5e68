#include "edge_self_test.h"

#include <string.h>
{% if compiled.has_several_ends %}

#define DEFINE(NAME, name) \
    static EDGE_MODEL_##NAME##_TYPE name[EDGE_MODEL_##NAME##_BYTES / sizeof(EDGE_MODEL_##NAME##_TYPE)];
#define PUT(NAME, name) \
    memcpy(name, given, sizeof name); \
    given += sizeof name;
#define GET(NAME, name) \
    memcpy(seen + taken, name, sizeof name); \
    taken += sizeof name;

EDGE_MODEL_EACH_INPUT(DEFINE)
EDGE_MODEL_EACH_OUTPUT(DEFINE)
static int8_t seen[EDGE_MODEL_OUTPUT_BYTES];
{% endif %}

edge_self_test_result edge_self_test(uint32_t number)
{
    edge_self_test_result result = {edge_vector_names[number], -1, 0, 0};
{% if compiled.keeps_state %}
    if (number == 0) {
        edge_model_reset();
    }
{% endif %}
{% if compiled.has_several_ends %}
    const int8_t *given = edge_vector_inputs[number];
    EDGE_MODEL_EACH_INPUT(PUT)
    edge_model_invoke(EDGE_MODEL_ARGUMENTS);
    size_t taken = 0;
    EDGE_MODEL_EACH_OUTPUT(GET)
{% elif compiled.converts %}
    static EDGE_MODEL_INPUT_TYPE input[EDGE_MODEL_INPUT_CODES];
    static EDGE_MODEL_OUTPUT_TYPE output[EDGE_MODEL_OUTPUT_CODES];
    memcpy(input, edge_vector_inputs[number], EDGE_MODEL_INPUT_BYTES);
    edge_model_invoke(input, output);
    const int8_t *seen = (const int8_t *)output;
{% else %}
    memcpy(edge_model_input(), edge_vector_inputs[number], EDGE_MODEL_INPUT_BYTES);
    edge_model_run();
    const int8_t *seen = (const int8_t *)edge_model_output();
{% endif %}
    const int8_t *expected = edge_vector_outputs[number];
    for (int32_t i = 0; i < EDGE_MODEL_OUTPUT_BYTES; i++) {
        if (seen[i] != expected[i]) {
            result.index = i;
            result.expected = expected[i];
            result.seen = seen[i];
            break;
        }
    }
    return result;
}
