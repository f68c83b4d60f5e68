"""Pruning without training: the U-Net on camvid_road, by criterion and ratio, with and without repair; and by budget.

    python benchmarks/pruning.py SHARED/models/unet_camvid/unet16.h5 SHARED/data/camvid_road --criteria covariance l1
    python benchmarks/pruning.py SHARED/models/unet_camvid/unet16.h5 SHARED/data/camvid_road --budgets 0.5 0.1 0.06

Training images are the calibration set; only criterion taylor looks at their labels. The search under a budget compares
answers on val images with the unpruned network's, without labels. Beside each budget stand the widest uniform widths
that meet it. mIoU is that of the float network on val. Rows that the JSON file holds already are not made again.
"""

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np
import tf_keras
from rows import Row, rows_of
from unet_camvid import unet_camvid

from edge_nas.core.config import BudgetSpec, DataSpec, PruneSpec
from edge_nas.core.machine import machine_facts
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.dataset import Dataset
from edge_nas.data.loader import load_dataset
from edge_nas.evaluation.splits import judge
from edge_nas.graph.flatten import flatten
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.widths import WidthCost
from edge_nas.pruning import CRITERIA, remove_channels
from edge_nas.pruning.choice import uniform
from edge_nas.runtimes.keras import KerasRuntime


class Subject(NamedTuple):
    """What is pruned, on what."""

    model: tf_keras.Model
    inputs: np.ndarray
    labels: np.ndarray
    dataset: Dataset

    def miou(self, network: tf_keras.Model) -> float:
        """Returns mIoU on val, 0 to 1."""
        return judge(KerasRuntime(network).run, self.dataset).val.metrics.miou or 0.0


def main() -> None:
    """Prints a Markdown table."""
    options = _options()
    subject = load_subject(options)
    base = subject.miou(subject.model)
    print(f"unpruned: {100 * base:.2f}; {len(subject.inputs)} calibration images, no training")
    print("| criterion | removed | cut, not repaired | repaired | params | share of MACs | seconds | CPU seconds |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    shared = {"calibration_images": len(subject.inputs), "seed": options.seed}
    wanted = ({"what": what, "prune": spec.to_data(), **shared} for what, spec in _specs(options, subject))
    for row in rows_of(wanted, partial(_measure, subject), options.json, {"base": base, "machine": machine_facts()}):
        print(_line(row), flush=True)


def load_subject(options: argparse.Namespace) -> Subject:
    """Returns the network and the images that `weights`, `data`, `calibration_images` and `seed` name."""
    dataset = load_dataset(DataSpec(source="folder", root=str(options.data)))
    calibration = dataset.calibration_set(options.calibration_images, options.seed)
    inputs = Preprocessing().apply(calibration.images)
    return Subject(flatten(unet_camvid(options.weights)), inputs, calibration.masks, dataset)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--criteria", nargs="+", default=["covariance"], metavar="NAME", help="names, or: all")
    parser.add_argument("--ratios", type=float, nargs="+", default=[0.5, 0.625, 0.75])
    parser.add_argument("--budgets", type=float, nargs="+", help="shares of the MACs, in place of ratios")
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


def _uniform_ratio(model: tf_keras.Model, share: float) -> float:
    """Returns the smallest ratio, in steps of 0.0025, at which uniform widths cost no more than a share of the MACs."""
    graph = channel_graph(model)
    costs = WidthCost(model, graph)
    limit = share * costs.cost({}).macs
    ratios = (count / 400 for count in range(400))
    return next(ratio for ratio in ratios if costs.cost(uniform(graph, PruneSpec(ratio=ratio))).macs <= limit)


def _measure(subject: Subject, what: Row) -> Row:
    spec = PruneSpec.from_data(what["prune"])
    wall, busy = perf_counter(), process_time()
    check = Preprocessing().apply(subject.dataset.val.images)
    pruned = remove_channels(
        subject.model, subject.inputs, spec, what["seed"], labels=subject.labels, check_inputs=check
    )
    seconds, cpu_seconds = perf_counter() - wall, process_time() - busy
    return {
        "criterion": spec.criterion,
        "cut": subject.miou(pruned.narrowed),
        "repaired": subject.miou(pruned.repaired),
        "params": pruned.plan.after.params,
        "macs_share": pruned.plan.after.macs / pruned.plan.before.macs,
        "widths": {group.name: len(group.kept) for group in pruned.plan.groups},
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
    }


def _line(row: Row) -> str:
    return (
        f"| {row['criterion']} | {row['what']} | {100 * row['cut']:.2f} | **{100 * row['repaired']:.2f}** "
        f"| {row['params']:,} | {row['macs_share']:.1%} | {row['seconds']:.0f} | {row['cpu_seconds']:.0f} |"
    )


if __name__ == "__main__":
    main()
