/* What the network's outputs mean: {{ task.name }}. */
#ifndef EDGE_TASK_H
#define EDGE_TASK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

{% if task.classes %}
#define EDGE_CLASSES {{ task.classes|length }}
/* How many answers one inference gives: {{ "one for each pixel, row by row" if task.places > 1 else "one for the whole sample" }}. */
#define EDGE_PLACES {{ task.places }}

/* The names of the classes, by their numbers. */
extern const char *const edge_class_names[EDGE_CLASSES];

/* Returns the class, 0 to EDGE_CLASSES - 1, that the codes of edge_model_output() mean at a place, 0 to
 * EDGE_PLACES - 1: {{ "1 where the logit is above 0" if task.is_binary else "the class with the highest logit, of equal ones the first" }}. */
uint32_t edge_class(const {{ task.code_type }} *outputs, uint32_t place);
{% else %}
#define EDGE_VALUES {{ task.places }}

/* Returns a value, 0 to EDGE_VALUES - 1, of the codes of edge_model_output(), in the unit of the training targets. */
float edge_value(const {{ task.code_type }} *outputs, uint32_t index);
{% endif %}

#ifdef __cplusplus
}
#endif

#endif
