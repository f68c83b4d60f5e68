/* The network as a .tflite file, for TensorFlow Lite for Microcontrollers. */
#ifndef EDGE_MODEL_DATA_H
#define EDGE_MODEL_DATA_H

#define EDGE_MODEL_TFLITE_BYTES {{ model_bytes }}
{% if arena_bytes is not none %}
/* Measured with tflite-micro where this was made, with pointers of 64 bits: enough on a microcontroller. */
#define EDGE_MODEL_TFLITE_ARENA_BYTES {{ arena_bytes }}
{% endif %}

#ifdef __cplusplus
extern "C" {
#endif

extern const unsigned char edge_model_tflite[EDGE_MODEL_TFLITE_BYTES];

#ifdef __cplusplus
}
#endif

#endif
