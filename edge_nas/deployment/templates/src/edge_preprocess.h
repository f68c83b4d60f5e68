{% if sample.is_picture %}
/* Camera pixels to the network's input, as in training. */
{% else %}
/* Sensor values to the network's input, as in training. */
{% endif %}
#ifndef EDGE_PREPROCESS_H
#define EDGE_PREPROCESS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

{% if sample.is_picture %}
/* Writes the input codes of `count` bytes of pixels: rows of pixels of channels in the order of the network's input,
 * such as R, G, B.{{ " `codes` may be where the pixels are." if code_type == "int8_t" }} */
void edge_preprocess(const uint8_t *pixels, {{ code_type }} *codes, uint32_t count);
{% else %}
/* Writes the input codes of `count` values of a sample of shape {{ sample.shape|join(" x ") }}, in that order: the last axis, the
 * channels, runs fastest. */
void edge_preprocess(const {{ c_type }} *values, {{ code_type }} *codes, uint32_t count);
{% endif %}

#ifdef __cplusplus
}
#endif

#endif
