/* The interface of generated C over TensorFlow Lite for Microcontrollers, so that one program measures both.
 *
 * With EDGE_PROBE the image runs no inference: it looks for the smallest arena that the interpreter takes.
 */
#include <new>

#include "edge_operators.h"
#include "tensorflow/lite/micro/micro_interpreter.h"

extern "C" {
#include "edge_model.h"
#include "model_data.h"

int32_t edge_semihost(uint32_t operation, const void *argument);
[[noreturn]] void edge_exit(uint32_t code);

typedef void (*edge_constructor)(void);
extern edge_constructor edge_constructors_start[], edge_constructors_end[];
}

namespace {

enum { SYS_WRITE0 = 4, REFUSED = 20, STEP = 16 };

alignas(STEP) uint8_t arena[EDGE_INTERPRETER_ARENA_BYTES];
// Storage without constructors: what has a destructor would be kept for an exit that never comes.
alignas(EdgeOperators) unsigned char operators_storage[sizeof(EdgeOperators)];
alignas(tflite::MicroInterpreter) unsigned char interpreter_storage[sizeof(tflite::MicroInterpreter)];
EdgeOperators *operators;
tflite::MicroInterpreter *interpreter;

[[noreturn]] void refuse(const char *reason)
{
    edge_semihost(SYS_WRITE0, reason);
    edge_exit(REFUSED);
}

bool prepare(uint32_t arena_bytes)
{
    interpreter = new (interpreter_storage)
        tflite::MicroInterpreter(tflite::GetModel(edge_model_tflite), *operators, arena, arena_bytes);
    return interpreter->AllocateTensors() == kTfLiteOk;
}

void begin()
{
    if (interpreter != nullptr) {
        return;
    }
    for (edge_constructor *constructor = edge_constructors_start; constructor < edge_constructors_end; constructor++) {
        (*constructor)();
    }
    operators = new (operators_storage) EdgeOperators;
    if (edge_register_operators(*operators) != kTfLiteOk) {
        refuse("an operator cannot be registered");
    }
    if (!prepare(sizeof arena)) {
        refuse("AllocateTensors fails: an operator is not supported as the network uses it, or the arena is too small");
    }
    if (interpreter->input(0)->bytes != EDGE_MODEL_INPUT_BYTES ||
        interpreter->output(0)->bytes != EDGE_MODEL_OUTPUT_BYTES) {
        refuse("input or output are of another size than in the file");
    }
}

}  // namespace

extern "C" uint32_t edge_smallest_arena(void)
{
    begin();
    /* What is in use at the end; planning the tensors may need more for a while. */
    uint32_t bytes = (static_cast<uint32_t>(interpreter->arena_used_bytes()) + STEP - 1) / STEP * STEP;
    while (!prepare(bytes)) {
        bytes += STEP; /* ends: the whole arena was enough in begin() */
    }
    return bytes;
}

extern "C" int8_t *edge_model_input(void)
{
    begin();
    return interpreter->input(0)->data.int8;
}

extern "C" void edge_model_run(void)
{
#ifndef EDGE_PROBE
    if (interpreter->Invoke() != kTfLiteOk) {
        refuse("Invoke fails");
    }
#endif
}

extern "C" const int8_t *edge_model_output(void)
{
    return interpreter->output(0)->data.int8;
}
