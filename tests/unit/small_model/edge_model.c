#include "edge_model.h"

#include <string.h>

static int8_t arena[EDGE_MODEL_ARENA_BYTES] __attribute__((aligned(4)));

int8_t *edge_model_input(void)
{
    return arena;
}

const int8_t *edge_model_output(void)
{
    return arena + 16;
}

/* Two instructions per turn, on the cores that the tests count on. */
static inline void spin(uint32_t turns)
{
#if defined(__arm__)
    __asm__ volatile(".syntax unified\n1:\n\tsubs %0, %0, #1\n\tbne 1b" : "+l"(turns) : : "cc");
#elif defined(__riscv)
    __asm__ volatile("1:\n\taddi %0, %0, -1\n\tbnez %0, 1b" : "+r"(turns));
#elif defined(__XTENSA__)
    __asm__ volatile("1:\n\taddi %0, %0, -1\n\tbnez %0, 1b" : "+r"(turns));
#else
    (void)turns;
#endif
}

void edge_model_run(void)
{
    for (int i = 0; i < EDGE_MODEL_INPUT_BYTES; i++) {
        arena[16 + i] = (int8_t)(arena[i] + 1);
    }
    uint32_t turns;
    memcpy(&turns, arena, sizeof turns);
    spin(turns);
}

void edge_model_invoke(const int8_t *input, int8_t *output)
{
    memcpy(arena, input, EDGE_MODEL_INPUT_BYTES);
    edge_model_run();
    memcpy(output, arena + 16, EDGE_MODEL_OUTPUT_BYTES);
}
