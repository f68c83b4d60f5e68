"""Fine-tuning after pruning: the U-Net on camvid_road, pruned to 31k and 8k parameters, 15 epochs each, over seeds.

    python benchmarks/fine_tuning.py SHARED/models/unet_camvid/unet16.h5 SHARED/data/camvid_road \
        --seeds 0 1 2 --json benchmarks/results/unet_camvid_fine_tuning.json

`31k`: three quarters of the channels removed at once, then 15 epochs. `8k`: seven eighths removed in three steps, 5
epochs after each. Distilled from the unpruned network, as the prune stage does. `31k scratch`, `8k scratch`: networks
of these widths, trained from random weights on the labels for 50 epochs, otherwise with the same settings. The best
epoch on val is what stays, in all of them. Rows that the JSON file holds already are not made again, so that an
interrupted run goes on where it was; give processes that run at the same time files of their own.
"""

import argparse
import statistics
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import tf_keras
from pruning import Subject, load_subject
from rows import Row, rows_of

from edge_nas.core.config import AugmentationSpec, FitSpec, PruneSpec
from edge_nas.core.machine import machine_facts
from edge_nas.core.progress import Silent
from edge_nas.core.reports import EpochRecord
from edge_nas.graph.cost import keras_cost
from edge_nas.pruning import remove_channels
from edge_nas.pruning.checkpoint import Gate
from edge_nas.pruning.schedule import Removed, remove_in_steps
from edge_nas.training import fit

FIT = FitSpec(epochs=15, batch_size=8, learning_rate=3e-3, decov_weight=0.0, distillation_weight=0.5)
SCRATCH = FIT.model_copy(update={"epochs": 50, "distillation_weight": 0.0})
NETWORKS = {
    "31k": PruneSpec(ratio=0.75, fine_tune=FIT),
    "8k": PruneSpec(ratio=0.875, steps=3, step_epochs=5, fine_tune=FIT.model_copy(update={"epochs": 5})),
}


def main() -> None:
    """Prints a Markdown table."""
    options = _options()
    subject = load_subject(options)
    base = subject.miou(subject.model)
    wanted = [
        {"network": name, "seed": seed, "settings": _settings(name, len(subject.inputs))}
        for name in options.networks
        for seed in options.seeds
    ]
    rows = list(rows_of(wanted, partial(_measure, subject), options.json, {"base": base, "machine": machine_facts()}))
    print(f"unpruned: {100 * base:.2f}; {len(subject.inputs)} calibration images; median (lowest to highest) on val")
    print("| network | removed, repaired | trained | params | share of MACs | seeds | CPU seconds |")
    print("|---|---|---|---|---|---|---|")
    for name in options.networks:
        print(_line(name, [row for row in rows if row["network"] == name]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("data", type=Path)
    every = [*NETWORKS, *(f"{name} scratch" for name in NETWORKS)]
    parser.add_argument("--networks", nargs="+", default=every, choices=every, metavar="NAME")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--calibration-images", type=int, help="default: all training images")
    parser.add_argument("--json", type=Path)
    parser.set_defaults(seed=0)  # of the choice of calibration images
    return parser.parse_args()


def _settings(name: str, images: int) -> dict[str, Any]:
    base = name.removesuffix(" scratch")
    training = {"scratch": SCRATCH.to_data()} if base != name else {}
    return {"prune": NETWORKS[base].to_data(), "calibration_images": images, **training}


def _measure(subject: Subject, what: Row) -> Row:
    name, seed = what["network"], what["seed"]
    wall, busy = perf_counter(), process_time()
    train = partial(fit, dataset=subject.dataset, augmentation=AugmentationSpec(), seed=seed, progress=Silent())
    if name in NETWORKS:
        network, repaired = _pruned(subject, NETWORKS[name], seed, train)
    else:
        network, repaired = _from_scratch(subject, NETWORKS[name.removesuffix(" scratch")], seed), None
        train(network, SCRATCH)
    cost = keras_cost(network)
    return {
        "repaired": repaired,
        "trained": subject.miou(network),
        "params": cost.params,
        "macs_share": cost.macs / keras_cost(subject.model).macs,
        "seconds": perf_counter() - wall,
        "cpu_seconds": process_time() - busy,
    }


def _pruned(subject: Subject, spec: PruneSpec, seed: int, train: Any) -> tuple[tf_keras.Model, float]:
    """Returns the fine-tuned network, and its mIoU before the last training."""

    def remove(network: tf_keras.Model, step: PruneSpec, widths: Mapping[str, int] | None) -> Removed:
        pruned = remove_channels(network, subject.inputs, step, seed, labels=subject.labels, widths=widths)
        return Removed(pruned.repaired, pruned.plan, Gate(0.0, 1.0))

    def tune(network: tf_keras.Model) -> tuple[EpochRecord, ...]:
        return train(network, spec.fine_tune.model_copy(update={"epochs": spec.step_epochs}), teacher=subject.model)

    network = remove_in_steps(subject.model, spec, remove, tune).network
    repaired = subject.miou(network)
    train(network, spec.fine_tune, teacher=subject.model)
    return network, repaired


def _from_scratch(subject: Subject, spec: PruneSpec, seed: int) -> tf_keras.Model:
    """Returns a network of the widths that pruning leaves, with random weights."""
    plain = spec.model_copy(update={"criterion": "random", "repair_samples": 1, "repair_passes": 0})
    narrow = remove_channels(subject.model, subject.inputs[:2], plain, seed).narrowed
    tf_keras.utils.set_random_seed(seed)
    return tf_keras.Model.from_config(narrow.get_config())


def _line(name: str, rows: list[Row]) -> str:
    def cell(key: str) -> str:
        values = [100 * row[key] for row in rows if row[key] is not None]
        if not values:
            return ""
        return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"

    seconds = statistics.median(row["cpu_seconds"] for row in rows)
    return (
        f"| {name} | {cell('repaired')} | **{cell('trained')}** | {rows[0]['params']:,} "
        f"| {rows[0]['macs_share']:.1%} | {len(rows)} | {seconds:.0f} |"
    )


if __name__ == "__main__":
    main()
