/* Takes pictures, runs the network, prints how many pixels are foreground and how long it took. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "camera.h"
#include "edge_model.h"
#include "edge_preprocess.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

void app_main(void)
{
    static const uint32_t shape[4] = EDGE_MODEL_INPUT_SHAPE;
    if (camera_start(shape[1], shape[2]) != 0) {
        printf("no camera\n");
        return;
    }
    for (;;) {
        uint8_t *pixels = (uint8_t *)edge_model_input();
        if (camera_capture(pixels) != 0) {
            printf("no picture\n");
            return;
        }
        edge_preprocess(pixels, edge_model_input(), EDGE_MODEL_INPUT_BYTES);
        int64_t start = esp_timer_get_time();
        edge_model_run();
        int64_t microseconds = esp_timer_get_time() - start;
        const int8_t *logits = edge_model_output();
        uint32_t foreground = 0;
        for (uint32_t i = 0; i < EDGE_MODEL_OUTPUT_BYTES; i++) {
            foreground += logits[i] > EDGE_MODEL_OUTPUT_ZERO_POINT;
        }
        printf("%" PRIu32 " of %d pixels are foreground, %" PRId64 " us\n", foreground, EDGE_MODEL_OUTPUT_BYTES,
               microseconds);
        vTaskDelay(pdMS_TO_TICKS(100));
    }
}
