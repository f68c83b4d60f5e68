// Takes pictures, runs the network, prints what it says of each and how long it took.
#include <answer.h>
#include <camera.h>
#include <edge_model.h>
#include <edge_preprocess.h>

static const uint32_t shape[4] = EDGE_MODEL_INPUT_SHAPE;

static void text(const char *words) { Serial.print(words); }

static void number(long value) { Serial.print(value); }

void setup() {
  Serial.begin(115200);
  while (!Serial) {
  }
  if (camera_start(shape[1], shape[2], shape[3]) != 0) {
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
  edge_preprocess(pixels, edge_model_input(), EDGE_MODEL_INPUT_CODES);
  uint32_t start = micros();
  edge_model_run();
  uint32_t taken = micros() - start;
  Serial.print(taken);
  Serial.print(" us, ");
  answer_print(edge_model_output(), text, number);
  Serial.println("");
}
