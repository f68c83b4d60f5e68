// Prints whether the network computes here what it did where it was made.
#include <edge_model.h>

#include "edge_self_test.h"

void setup() {
  Serial.begin(115200);
  while (!Serial) {
  }
  int failed = 0;
  for (uint32_t number = 0; number < EDGE_VECTORS; number++) {
    edge_self_test_result result = edge_self_test(number);
    Serial.print(result.name);
    if (result.index < 0) {
      Serial.println(": equal");
      continue;
    }
    failed++;
    Serial.print(": differs at ");
    Serial.print(result.index);
    Serial.print(", expected ");
    Serial.print(result.expected);
    Serial.print(", seen ");
    Serial.println(result.seen);
  }
  Serial.println(failed == 0 ? "self-test passed" : "self-test FAILED");
}

void loop() {}
