/* Takes pictures, runs the network, prints what it says of each and how long it took. */
#include <stdint.h>
#include <stdio.h>

#include "answer.h"
#include "camera.h"
#include "edge_model.h"
#include "edge_preprocess.h"
#include "platform.h"

static void text(const char *words)
{
    fputs(words, stdout);
}

static void number(long value)
{
    printf("%ld", value);
}

int main(void)
{
    static const uint32_t shape[4] = EDGE_MODEL_INPUT_SHAPE;
    if (camera_start(shape[1], shape[2], shape[3]) != 0) {
        printf("no camera\n");
        return 1;
    }
    for (uint32_t frame = 0; FRAMES == 0 || frame < FRAMES; frame++) {
        uint8_t *pixels = (uint8_t *)edge_model_input();
        if (camera_capture(pixels) != 0) {
            printf("no picture\n");
            return 1;
        }
        edge_preprocess(pixels, edge_model_input(), EDGE_MODEL_INPUT_CODES);
        timer_start();
        edge_model_run();
        uint32_t ticks = timer_stop();
        printf("picture %lu, %lu ticks, ", (unsigned long)frame, (unsigned long)ticks);
        answer_print(edge_model_output(), text, number);
        printf("\n");
    }
    return 0;
}
