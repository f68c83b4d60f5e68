/* Says what the network's outputs mean, whatever the task: pixels of each class, the name of a class, or values. */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdint.h>

#include "edge_task.h"

/* How a platform prints. */
typedef void (*print_text)(const char *text);
typedef void (*print_number)(long number);

static inline void answer_print(const int8_t *outputs, print_text text, print_number number)
{
#if defined(EDGE_CLASSES) && EDGE_PLACES > 1
    uint32_t pixels[EDGE_CLASSES] = {0};
    for (uint32_t place = 0; place < EDGE_PLACES; place++) {
        pixels[edge_class(outputs, place)]++;
    }
    for (uint32_t which = 0; which < EDGE_CLASSES; which++) {
        text(which == 0 ? "pixels: " : ", ");
        text(edge_class_names[which]);
        text(" ");
        number((long)pixels[which]);
    }
#elif defined(EDGE_CLASSES)
    (void)number;
    text("class: ");
    text(edge_class_names[edge_class(outputs, 0)]);
#else
    text("thousandths of values:");
    for (uint32_t which = 0; which < EDGE_VALUES; which++) {
        float value = 1000.0f * edge_value(outputs, which);
        text(" ");
        number((long)(value < 0.0f ? value - 0.5f : value + 0.5f));
    }
#endif
}

#endif
