/* Generated: what the network's outputs mean. */
#include "edge_task.h"

{% if task.classes %}
const char *const edge_class_names[EDGE_CLASSES] = {
{% for name in task.classes %}
    {{ name|c_string }},
{% endfor %}
};

uint32_t edge_class(const {{ task.code_type }} *outputs, uint32_t place)
{
{% if task.is_binary %}
    return outputs[place] > ({{ task.zero_point }}); /* the code of 0 */
{% else %}
    const {{ task.code_type }} *codes = outputs + place * EDGE_CLASSES;
    uint32_t highest = 0;
    for (uint32_t number = 1; number < EDGE_CLASSES; number++) {
        if (codes[number] > codes[highest]) {
            highest = number;
        }
    }
    return highest;
{% endif %}
}
{% else %}
float edge_value(const {{ task.code_type }} *outputs, uint32_t index)
{
    return {{ task.scale|c_real }} * (float)(outputs[index] - ({{ task.zero_point }}));
}
{% endif %}
