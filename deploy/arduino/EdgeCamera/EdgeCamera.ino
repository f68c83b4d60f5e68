// Takes pictures, runs the network, prints how many pixels are foreground and how long it took.
#include <camera.h>
#include <edge_model.h>
#include <edge_preprocess.h>

static const uint32_t shape[4] = EDGE_MODEL_INPUT_SHAPE;

void setup() {
  Serial.begin(115200);
  while (!Serial) {
  }
  if (camera_start(shape[1], shape[2]) != 0) {
    Serial.println("no camera");
  }
}

void loop() {
  uint8_t *pixels = (uint8_t *)edge_model_input();
  if (camera_capture(pixels) != 0) {
    Serial.println("no picture");
    delay(1000);
    return;
  }
  edge_preprocess(pixels, edge_model_input(), EDGE_MODEL_INPUT_BYTES);
  uint32_t start = micros();
  edge_model_run();
  uint32_t taken = micros() - start;
  const int8_t *logits = edge_model_output();
  uint32_t foreground = 0;
  for (uint32_t i = 0; i < EDGE_MODEL_OUTPUT_BYTES; i++) {
    foreground += logits[i] > EDGE_MODEL_OUTPUT_ZERO_POINT;
  }
  Serial.print(foreground);
  Serial.print(" of ");
  Serial.print(EDGE_MODEL_OUTPUT_BYTES);
  Serial.print(" pixels are foreground, ");
  Serial.print(taken);
  Serial.println(" us");
}
