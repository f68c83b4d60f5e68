#include "tensorflow/lite/micro/kernels/conv.h"

namespace tflite {

TFLMRegistration Register_CONV_2D()
{
    return {true};
}

}  // namespace tflite
