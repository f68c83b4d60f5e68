#include "edge_self_test.h"

#include <string.h>

edge_self_test_result edge_self_test(uint32_t number)
{
    edge_self_test_result result = {edge_vector_names[number], -1, 0, 0};
{% if compiled.converts %}
    static EDGE_MODEL_INPUT_TYPE input[EDGE_MODEL_INPUT_CODES];
    static EDGE_MODEL_OUTPUT_TYPE output[EDGE_MODEL_OUTPUT_CODES];
    memcpy(input, edge_vector_inputs[number], EDGE_MODEL_INPUT_BYTES);
    edge_model_invoke(input, output);
    const int8_t *seen = (const int8_t *)output;
{% else %}
    memcpy(edge_model_input(), edge_vector_inputs[number], EDGE_MODEL_INPUT_BYTES);
    edge_model_run();
    const int8_t *seen = edge_model_output();
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
