"""What a network costs on a core, known without a compiler and without an emulator.

    cost = predict_cost(Path("model.tflite"), "cortex-m4")
    print(cost.instructions, cost.flash_bytes, cost.ram_bytes)

Instructions are, for each step, a sum over the loops of its kernel: how often each runs (`edge_nas.codegen.loops`, from
shapes alone) times the instructions of its body, which were counted on the emulated core and stand in `data/CORE.json`.
`python -m benchmarks.costs` makes these files, and prints how far predictions are from counts. RAM and constants are
those of the generated C, to the byte.
"""

from edge_nas.costs.coefficients import CoreCosts, CostUnknownError, costs_of_core, known_cores
from edge_nas.costs.prediction import cost_of_plan, pace_of, predict_cost, predict_costs

__all__ = [
    "CoreCosts",
    "CostUnknownError",
    "cost_of_plan",
    "costs_of_core",
    "known_cores",
    "pace_of",
    "predict_cost",
    "predict_costs",
]
