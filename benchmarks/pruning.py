"""Pruning without training: the U-Net on camvid_road, by criterion and ratio, with and without repair; and by budget.

    python -m benchmarks.pruning SHARED/models/unet_camvid/unet16.h5 SHARED/data/camvid_road --criteria covariance l1
    python -m benchmarks.pruning SHARED/models/unet_camvid/unet16.h5 SHARED/data/camvid_road --budgets 0.5 0.1 0.06

Training images are the calibration set; only criterion taylor looks at their labels. The search under a budget compares
outputs with the unpruned network's on drives that it keeps out of that set; val is looked at for the score alone.
Beside each budget stand the widest uniform widths that meet it. mIoU is that of the float network on val. Rows that the
JSON file holds already are not made again.

`--torch-python PYTHON`, a Python that has torch and torch-pruning, adds what Torch-Pruning chooses at each ratio: cut
as it does, and with the repair. On Debian: `apt-get install python3-torch`, `python3 -m venv --system-site-packages V`,
`V/bin/pip install --no-deps torch-pruning==1.6.1`, then `--torch-python V/bin/python`.
"""

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import cast

import tf_keras

from benchmarks.lib.removal import TORCH, TORCH_IMPORTANCES, removed
from benchmarks.lib.resume import Row, rows_of
from benchmarks.lib.subjects import Subject, load_subject
from benchmarks.tables.pruning import Row as PruningRow
from benchmarks.tables.pruning import printed_headings, printed_line
from edge_nas.core.config import BudgetSpec, PruneSpec
from edge_nas.core.machine import machine_facts
from edge_nas.graph.cost import keras_cost
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.widths import WidthCost
from edge_nas.pruning import CRITERIA
from edge_nas.pruning.widths import uniform_widths


def main() -> None:
    """Prints a Markdown table."""
    options = _options()
    subject = load_subject(options)
    base = subject.miou(subject.model)
    print(f"unpruned: {100 * base:.2f}; {len(subject.inputs)} calibration images, no training")
    print(printed_headings(), flush=True)
    shared = {"calibration_images": len(subject.inputs), "seed": options.seed}
    facts = {"base": base, "machine": machine_facts()}
    wanted = ({"what": what, "prune": spec.to_data(), **shared} for what, spec in _specs(options, subject))
    for row in rows_of(wanted, partial(_measure, subject, options.torch_python), options.json, facts):
        print(printed_line(cast("PruningRow", row)), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--criteria", nargs="+", default=["covariance"], metavar="NAME", help="names, or: all")
    parser.add_argument("--ratios", type=float, nargs="+", default=[0.5, 0.625, 0.75])
    parser.add_argument("--budgets", type=float, nargs="+", help="shares of the MACs, in place of ratios")
    parser.add_argument("--torch-python", metavar="PYTHON", help="for Torch-Pruning's rows, beside every ratio")
    parser.add_argument("--calibration-images", type=int, help="default: all training images")
    parser.add_argument("--repair-samples", type=int, default=PruneSpec().repair_samples)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _specs(options: argparse.Namespace, subject: Subject) -> Iterator[tuple[str, PruneSpec]]:
    criteria = list(CRITERIA) if options.criteria == ["all"] else options.criteria
    for criterion in criteria:
        settings = {"criterion": criterion, "repair_samples": options.repair_samples}
        for share in options.budgets or []:
            yield f"{share:.1%} of the MACs", PruneSpec(budget=BudgetSpec(macs=share), **settings)
            ratio = _uniform_ratio(subject.model, share)
            yield f"{ratio:.1%} of every group", PruneSpec(ratio=ratio, **settings)
        for ratio in [] if options.budgets else options.ratios:
            yield f"{ratio:.1%} of every group", PruneSpec(ratio=ratio, **settings)

    for name in TORCH_IMPORTANCES if options.torch_python and not options.budgets else ():
        settings = {"criterion": TORCH + name, "repair_samples": options.repair_samples}
        for ratio in options.ratios:
            yield f"{ratio:.1%} of every group", PruneSpec(ratio=ratio, **settings)


def _uniform_ratio(model: tf_keras.Model, share: float) -> float:
    """Returns the smallest ratio, in steps of 0.0025, at which uniform widths cost no more than a share of the MACs."""
    graph = channel_graph(model)
    costs = WidthCost(model, graph)
    limit = share * costs.cost({}).macs
    ratios = (count / 400 for count in range(400))
    return next(ratio for ratio in ratios if costs.cost(uniform_widths(graph, PruneSpec(ratio=ratio))).macs <= limit)


def _measure(subject: Subject, python: str | None, what: Row) -> Row:
    spec = PruneSpec.from_data(what["prune"])
    wall, busy = perf_counter(), process_time()
    narrowed, repaired, widths = removed(subject, spec, what["seed"], python)
    seconds, cpu_seconds = perf_counter() - wall, process_time() - busy
    before, after = keras_cost(subject.model), keras_cost(repaired)
    return {
        "criterion": spec.criterion,
        "cut": subject.miou(narrowed),
        "repaired": subject.miou(repaired),
        "params": after.params,
        "macs_share": after.macs / before.macs,
        "widths": widths,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
    }


if __name__ == "__main__":
    main()
