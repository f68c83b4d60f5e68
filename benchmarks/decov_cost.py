"""What the DeCov penalty adds to a training step: steps with and without it, in turn, in one process.

    python -m benchmarks.decov_cost --model nano_u --strides 1 2 4

Each round times the same number of steps of every variant, in another order each time, so that a disturbance hits all
of them; what is reported is the median over the rounds of the ratio within a round, in wall time and in processor time
(which other programs on the machine lengthen less). Random images of 48x64, batch 16, the loss of `edge-nas train`.
"""

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.tables.cost import PenaltyRow, penalty_table
from edge_nas.core.atomic import write_json
from edge_nas.core.config import FitSpec, ModelSpec
from edge_nas.core.machine import machine_facts
from edge_nas.core.tensorflowlog import load_tensorflow

SHAPE = (48, 64, 3)
BATCH = 16

Round = dict[str, tuple[float, float]]
"""Variant -> (wall, processor) seconds per step."""


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="nano_u")
    parser.add_argument("--strides", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--layers", help="a selector of layers to penalise as well, such as '*_relu'")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=6, help="steps per variant and round")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    load_tensorflow()
    layers = {options.layers: 0.01} if options.layers else {}
    specs = {"without": FitSpec(decov_weight=0.0)}
    for stride in options.strides:
        specs[f"stride {stride}"] = FitSpec(decov_layers=layers, decov_stride=stride)
    steps = {name: trainer(options.model, spec) for name, spec in specs.items()}
    rounds = [measure(steps, options.steps, turned(list(steps), number)) for number in range(options.rounds)]
    print(f"{options.model}, {options.rounds} rounds of {options.steps} steps each, batch {BATCH} of {SHAPE}")
    rows = [penalty_row(name, rounds) for name in steps]
    print(penalty_table(rows))
    if options.json:
        facts = {"model": options.model, "rounds": options.rounds, "steps": options.steps, "layers": options.layers}
        write_json(options.json, {**facts, "machine": machine_facts(), "rows": rows})


def turned(names: list[str], number: int) -> list[str]:
    """Returns the order of a round: each variant comes first in one round of as many as there are variants."""
    first = number % len(names)
    return names[first:] + names[:first]


def penalty_row(name: str, rounds: Sequence[Round]) -> PenaltyRow:
    """Returns what a variant takes, against the steps without penalty of the same round."""
    wall = [100 * (times[name][0] / times["without"][0] - 1) for times in rounds]
    processor = [100 * (times[name][1] / times["without"][1] - 1) for times in rounds]
    return PenaltyRow(
        penalty=name,
        ms=1e3 * statistics.median(times[name][0] for times in rounds),
        wall_percent=statistics.quantiles(wall, n=4),
        processor_percent=statistics.quantiles(processor, n=4),
    )


def trainer(model: str, spec: FitSpec) -> Any:
    """Returns a function that runs one compiled training step on the same batch."""
    import tf_keras

    from edge_nas.graph.flatten import flatten
    from edge_nas.models import create_model
    from edge_nas.training.objective import Objective

    tf_keras.utils.set_random_seed(0)
    objective = Objective(flatten(create_model(ModelSpec(name=model)), SHAPE), spec, None)
    objective.compile(optimizer=tf_keras.optimizers.Adam(1e-3))
    generator = np.random.default_rng(0)
    images = generator.uniform(-1, 1, (BATCH, *SHAPE)).astype(np.float32)
    masks = (images[..., :1] > 0).astype(np.float32)

    def step() -> None:
        objective.train_on_batch(images, masks)

    for _ in range(3):
        step()
    return step


def measure(steps: dict[str, Any], count: int, order: list[str]) -> Round:
    """Returns (wall, processor) seconds of one of `count` steps of each variant."""
    times = {}
    for name in order:
        start, processor = perf_counter(), process_time()
        for _ in range(count):
            steps[name]()
        times[name] = ((perf_counter() - start) / count, (process_time() - processor) / count)
    return times


if __name__ == "__main__":
    main()
