#pragma once

#include "flatbuffers/flatbuffers.h"

namespace tflite {

/* A .tflite file: its identifier stands at bytes 4 to 7. */
struct Model {
    unsigned char bytes[8];
};

inline const Model *GetModel(const void *data)
{
    return static_cast<const Model *>(data);
}

}  // namespace tflite
