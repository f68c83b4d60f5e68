#include "tensorflow/lite/micro/kernels/conv.h"

namespace tflite {

TFLMRegistration Register_CONV_2D()
{
    return {true};
}

TFLMRegistration Register_CONV_2D_INT8()
{
    return {false};
}

}  // namespace tflite
