/* Takes pictures, runs the network, prints what it says of each and how long it took. */
#include <stdint.h>

#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "answer.h"
#include "camera.h"
#include "edge_model.h"
#include "edge_preprocess.h"

static void text(const char *words)
{
    printk("%s", words);
}

static void number(long value)
{
    printk("%ld", value);
}

int main(void)
{
    static const uint32_t shape[4] = EDGE_MODEL_INPUT_SHAPE;
    if (camera_start(shape[1], shape[2], shape[3]) != 0) {
        printk("no camera\n");
        return 1;
    }
    for (;;) {
        uint8_t *pixels = (uint8_t *)edge_model_input();
        if (camera_capture(pixels) != 0) {
            printk("no picture\n");
            return 1;
        }
        edge_preprocess(pixels, edge_model_input(), EDGE_MODEL_INPUT_CODES);
        uint32_t start = k_cycle_get_32();
        edge_model_run();
        uint32_t microseconds = k_cyc_to_us_floor32(k_cycle_get_32() - start);
        printk("%u us, ", (unsigned int)microseconds);
        answer_print(edge_model_output(), text, number);
        printk("\n");
        k_msleep(100);
    }
    return 0;
}
