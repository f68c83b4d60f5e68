#pragma once

#include "tensorflow/lite/micro/kernels/conv.h"

namespace tflite {

class MicroOpResolver {
public:
    virtual ~MicroOpResolver() = default;
    virtual unsigned int registered() const = 0;

    bool convolution_is_general = false;
};

template <unsigned int tOpCount>
class MicroMutableOpResolver : public MicroOpResolver {
public:
    TfLiteStatus AddConv2D(
        const TFLMRegistration& registration = Register_CONV_2D())
    {
        convolution_is_general = registration.general;
        return Add();
    }

    TfLiteStatus AddDepthwiseConv2D() { return Add(); }

    TfLiteStatus AddMaxPool2D() { return Add(); }

    unsigned int registered() const override { return count_; }

private:
    void operator delete(void *) {}

    TfLiteStatus Add() { return ++count_ > tOpCount ? kTfLiteError : kTfLiteOk; }

    unsigned int count_ = 0;
};

}  // namespace tflite
