@note Lines with at signs: codegen/sources.py. EdgeImage, edge_row and EDGE_...: edge_intrinsics.h.@
/* @overview@ */
#include "edge_model.h"

@if optimize size@
#define EDGE_SMALL 1
@end@
#include "edge_intrinsics.h"

static uint8_t edge_arena[EDGE_MODEL_ARENA_BYTES] EDGE_ALIGNED(16);

@kernels@
/* Network. */

/* Constants: weights, and what makes codes of sums. */
@constants@

/* Activations: where their rows lie in the arena. Some overlap: they are wanted at different times. */
@images@

/* Steps: what kernels are called with. */
@descriptors@

/* Steps: run y of each. */
@step_functions@

@access@

@if state 1@
@first_values@

static uint8_t edge_started; /* whether what is kept from call to call has its first values */

void edge_model_reset(void) {
@reset@
  edge_started = 1;
}

@end@
/* Runs the segments. Where several strips take turns, nI counts the runs of strip I, and the last strip whose rows are
   there runs next. A strip may run once more than its output has rows: that run writes the border below. */
void edge_model_run(void) {
@if state 1@
  if (!edge_started) edge_model_reset();
@end@
@body@
}

@tables@
void edge_model_invoke(@parameters@) {
@take@
  edge_model_run();
@give@
}
