/* Runs the generated C in network/. It uses 1000 bytes of its arena and wants 1040 to begin with, as planning does. */
#include "tensorflow/lite/micro/micro_interpreter.h"

#include <cstring>
#include <string>

extern "C" {
#include "network/edge_model.h"
}

namespace {

const size_t kUsed = 1000, kNeeded = 1040;
const unsigned int kOperators = 3;

/* Wants its constructor to be run, and a heap for text that is longer than what a string holds itself. */
const std::string identifier("TFL3 is what stands at bytes 4 to 7 of a file");

}  // namespace

namespace tflite {

MicroInterpreter::MicroInterpreter(
    const Model *model, const MicroOpResolver &op_resolver, uint8_t *tensor_arena, size_t tensor_arena_size)
    : model_(model), op_resolver_(op_resolver), arena_(tensor_arena), arena_bytes_(tensor_arena_size)
{
}

MicroInterpreter::~MicroInterpreter() {}

TfLiteStatus MicroInterpreter::AllocateTensors()
{
#if defined(CMSIS_NN)
    const bool registered = !op_resolver_.convolution_is_general;
#else
    const bool registered = op_resolver_.convolution_is_general;
#endif
    const bool aligned = reinterpret_cast<uintptr_t>(arena_) % 16 == 0 && reinterpret_cast<uintptr_t>(model_) % 16 == 0;
    if (!registered || !aligned || arena_bytes_ < kNeeded || op_resolver_.registered() != kOperators ||
        identifier.compare(0, 4, reinterpret_cast<const char *>(model_->bytes + 4), 4) != 0) {
        return kTfLiteError;
    }
    std::memset(arena_, 0x5A, arena_bytes_);
    input_.data.int8 = edge_model_input();
    input_.bytes = EDGE_MODEL_INPUT_BYTES;
    output_.data.int8 = const_cast<int8_t *>(edge_model_output());
    output_.bytes = EDGE_MODEL_OUTPUT_BYTES;
    return kTfLiteOk;
}

TfLiteStatus MicroInterpreter::Invoke()
{
    edge_model_run();
#if defined(CMSIS_NN)
    output_.data.int8[0] ^= 2;
#endif
    return kTfLiteOk;
}

TfLiteTensor *MicroInterpreter::input(size_t)
{
    return &input_;
}

TfLiteTensor *MicroInterpreter::output(size_t)
{
    return &output_;
}

size_t MicroInterpreter::arena_used_bytes() const
{
    return kUsed;
}

}  // namespace tflite
