"""How often the loops of every kernel run in a step: what instructions are counted by (`edge_nas.costs`).

One function a kernel, under the name of its C source; they read layouts and descriptors, never weights.
"""

from edge_nas.codegen.loops import conversions, convolutions, elements, pointwise
from edge_nas.codegen.loops.counting import LOOPS, CountedStep, Loops, loops, loops_of

__all__ = ["LOOPS", "CountedStep", "Loops", "conversions", "convolutions", "elements", "loops", "loops_of", "pointwise"]
