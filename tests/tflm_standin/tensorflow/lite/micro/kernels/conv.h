#pragma once

#include "tensorflow/lite/c/common.h"

namespace tflite {

TFLMRegistration Register_CONV_2D();

#if defined(CMSIS_NN)
TFLMRegistration Register_CONV_2D_INT8();
#endif

}  // namespace tflite
