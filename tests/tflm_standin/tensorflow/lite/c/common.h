#pragma once

#include <cstddef>
#include <cstdint>

#ifndef TF_LITE_STATIC_MEMORY
#error "structures have another layout without TF_LITE_STATIC_MEMORY"
#endif

enum TfLiteStatus { kTfLiteOk = 0, kTfLiteError = 1 };

#define TF_LITE_ENSURE_STATUS(a)          \
    do {                                  \
        const TfLiteStatus status_ = (a); \
        if (status_ != kTfLiteOk) {       \
            return status_;               \
        }                                 \
    } while (0)

struct TfLiteTensor {
    union {
        int8_t *int8;
        void *data;
    } data;
    size_t bytes;
};

struct TFLMRegistration {
    bool general;
};
