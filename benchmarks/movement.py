"""What decoders spend on moving bytes: up-sampling, concatenating, and laying out again what a kernel wants otherwise.

    python -m benchmarks.movement SHARED/models/nano_u/*.tflite --json benchmarks/results/movement.json

Instructions of one call on a Cortex-M4, as `edge_nas.costs` predicts them for each step. Beside the files stand a U-Net
with concatenated skips, two Fast_U, and the random U-nets with dense convolutions that costs are judged on.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.lib.decoders import fast_u, unet
from benchmarks.lib.networks import random_network
from benchmarks.lib.script import run_script
from benchmarks.tables.movement import MovementRow, movement_table
from edge_nas.codegen.compile import plan_network
from edge_nas.core.atomic import write_json
from edge_nas.costs import cost_of_plan
from edge_nas.int8.intake import open_tflite_path
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite

_CORE = "cortex-m4"
_UPSAMPLING = ("upsample", "resize_nearest")
_INTO_LAYOUTS = ("pairs_from_flat", "pairs_from_planar", "pixels_from_flat", "pixels_from_planar")
# With dense convolutions and concatenated skips, of few channels.
_RANDOM = (2, 10, 18)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("models", type=Path, nargs="*", metavar="MODEL.tflite")
    parser.add_argument("--json", type=Path, help="where the results go")
    options = parser.parse_args(arguments)
    rows = [row_of(name, data) for name, data in _networks(options.models)]
    if options.json:
        write_json(options.json, {"rows": rows})
    print(movement_table(rows))


def row_of(name: str, data: bytes) -> MovementRow:
    """Returns what a network spends."""
    network = Int8Interpreter(read_tflite(data, name))
    plan = plan_network(network).plan
    cost = cost_of_plan(plan, _CORE)
    taken: Counter[str] = Counter()
    for step, predicted in zip(plan.program.steps, cost.steps, strict=True):
        taken[step.kernel.source] += predicted.instructions
    return MovementRow(
        network=name,
        concatenations=sum(operator.kind == "CONCATENATION" for operator in network.graph.operators),
        instructions=cost.instructions,
        upsampling=sum(taken[source] for source in _UPSAMPLING),
        fused_upsampling=taken["depthwise3_up2"],
        copies=taken["data_movement"],
        layouts=sum(taken[source] for source in _INTO_LAYOUTS),
    )


def _networks(models: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    for path in models:
        yield path.stem, open_tflite_path(path).data
    yield "Fast_U 16-24-32-48", fast_u()
    yield "Fast_U 8-16-24-32", fast_u((8, 16, 24, 32), depth=1)
    yield "U-Net 16-32-64-128", unet()
    for seed in _RANDOM:
        yield f"random U-net {seed}", random_network(seed).data


if __name__ == "__main__":
    run_script(main)
