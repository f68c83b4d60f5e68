/* Takes pictures, runs the network, prints how many pixels are foreground and how long it took. */
#include <stdint.h>
#include <stdio.h>

#include "camera.h"
#include "edge_model.h"
#include "edge_preprocess.h"
#include "platform.h"

int main(void)
{
    static const uint32_t shape[4] = EDGE_MODEL_INPUT_SHAPE;
    if (camera_start(shape[1], shape[2]) != 0) {
        printf("no camera\n");
        return 1;
    }
    for (uint32_t frame = 0; FRAMES == 0 || frame < FRAMES; frame++) {
        uint8_t *pixels = (uint8_t *)edge_model_input();
        if (camera_capture(pixels) != 0) {
            printf("no picture\n");
            return 1;
        }
        edge_preprocess(pixels, edge_model_input(), EDGE_MODEL_INPUT_BYTES);
        timer_start();
        edge_model_run();
        uint32_t ticks = timer_stop();
        const int8_t *logits = edge_model_output();
        uint32_t foreground = 0;
        for (uint32_t i = 0; i < EDGE_MODEL_OUTPUT_BYTES; i++) {
            foreground += logits[i] > EDGE_MODEL_OUTPUT_ZERO_POINT;
        }
        printf("picture %lu: %lu of %d pixels are foreground, %lu ticks\n", (unsigned long)frame,
               (unsigned long)foreground, EDGE_MODEL_OUTPUT_BYTES, (unsigned long)ticks);
    }
    return 0;
}
