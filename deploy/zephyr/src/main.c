/* Takes pictures, runs the network, prints how many pixels are foreground and how long it took. */
#include <stdint.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "camera.h"
#include "edge_model.h"
#include "edge_preprocess.h"

int main(void)
{
    static const uint32_t shape[4] = EDGE_MODEL_INPUT_SHAPE;
    if (camera_start(shape[1], shape[2]) != 0) {
        printk("no camera\n");
        return 1;
    }
    for (;;) {
        uint8_t *pixels = (uint8_t *)edge_model_input();
        if (camera_capture(pixels) != 0) {
            printk("no picture\n");
            return 1;
        }
        edge_preprocess(pixels, edge_model_input(), EDGE_MODEL_INPUT_BYTES);
        uint32_t start = k_cycle_get_32();
        edge_model_run();
        uint32_t microseconds = k_cyc_to_us_floor32(k_cycle_get_32() - start);
        const int8_t *logits = edge_model_output();
        uint32_t foreground = 0;
        for (uint32_t i = 0; i < EDGE_MODEL_OUTPUT_BYTES; i++) {
            foreground += logits[i] > EDGE_MODEL_OUTPUT_ZERO_POINT;
        }
        printk("%u of %d pixels are foreground, %u us\n", (unsigned int)foreground, EDGE_MODEL_OUTPUT_BYTES,
               (unsigned int)microseconds);
        k_msleep(100);
    }
    return 0;
}
