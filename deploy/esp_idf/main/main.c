/* Takes pictures, runs the network, prints what it says of each and how long it took. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio.h>

#include "answer.h"
#include "camera.h"
#include "edge_model.h"
#include "edge_preprocess.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

static void text(const char *words)
{
    fputs(words, stdout);
}

static void number(long value)
{
    printf("%ld", value);
}

void app_main(void)
{
    static const uint32_t shape[4] = EDGE_MODEL_INPUT_SHAPE;
    if (camera_start(shape[1], shape[2], shape[3]) != 0) {
        printf("no camera\n");
        return;
    }
    for (;;) {
        uint8_t *pixels = (uint8_t *)edge_model_input();
        if (camera_capture(pixels) != 0) {
            printf("no picture\n");
            return;
        }
        edge_preprocess(pixels, edge_model_input(), EDGE_MODEL_INPUT_CODES);
        int64_t start = esp_timer_get_time();
        edge_model_run();
        int64_t microseconds = esp_timer_get_time() - start;
        printf("%" PRId64 " us, ", microseconds);
        answer_print(edge_model_output(), text, number);
        printf("\n");
        vTaskDelay(pdMS_TO_TICKS(100));
    }
}
