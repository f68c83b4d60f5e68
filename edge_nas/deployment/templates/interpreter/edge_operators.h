// Registers exactly the operators that the network uses.
#ifndef EDGE_OPERATORS_H
#define EDGE_OPERATORS_H

#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

using EdgeOperators = tflite::MicroMutableOpResolver<{{ methods|length }}>;

inline TfLiteStatus edge_register_operators(EdgeOperators &operators) {
{% for method in methods %}
  TF_LITE_ENSURE_STATUS(operators.{{ method }}());
{% endfor %}
  return kTfLiteOk;
}

#endif
