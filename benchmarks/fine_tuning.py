"""Fine-tuning after pruning: the U-Net on camvid_road, pruned to 31k and 8k parameters, 15 epochs each, over seeds.

    python -m benchmarks.fine_tuning SHARED/models/unet_camvid/unet16.h5 SHARED/data/camvid_road \
        --seeds 0 1 2 --json benchmarks/results/unet_camvid_fine_tuning.json

`31k`, `8k`: widths found for a budget of parameters, then 15 epochs. `31k uniform`: three quarters of every group
removed, then 15 epochs. `31k Torch-Pruning`, only where it is named: these widths, chosen by that library's Taylor
importance, nothing repaired. All are distilled from the unpruned network, as the prune stage does. With `--scratch`:
networks of the same widths, trained from random weights on the labels for 50 epochs, otherwise with the same settings.
The best epoch on val is what stays, in all of them. Rows that the JSON file holds already are not made again, so that
an interrupted run goes on where it was; give processes that run at the same time files of their own.
"""

import argparse
from functools import partial
from pathlib import Path
from time import process_time
from typing import cast

import tf_keras

from benchmarks.lib.removal import TORCH, removed
from benchmarks.lib.resume import Row, rows_of
from benchmarks.lib.subjects import Subject, load_subject
from benchmarks.tables.fine_tuning import SCRATCH, fine_tuning_table
from benchmarks.tables.fine_tuning import Row as FineTuningRow
from edge_nas.core.config import AugmentationSpec, BudgetSpec, FitSpec, PruneSpec
from edge_nas.core.machine import machine_facts
from edge_nas.graph.cost import keras_cost
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.surgery import narrow
from edge_nas.runs.progress import Silent
from edge_nas.training import fit

FIT = FitSpec(epochs=15, batch_size=8, learning_rate=3e-3, decov_weight=0.0, distillation_weight=0.5)
FROM_SCRATCH = FIT.model_copy(update={"epochs": 50, "distillation_weight": 0.0})
NETWORKS = {
    "31k": PruneSpec(budget=BudgetSpec(params=31_201), fine_tune=FIT),
    "8k": PruneSpec(budget=BudgetSpec(params=8_000), fine_tune=FIT),
    "31k uniform": PruneSpec(ratio=0.75, fine_tune=FIT),
    "31k Torch-Pruning": PruneSpec(ratio=0.75, criterion=f"{TORCH}taylor", fine_tune=FIT),
}


def main() -> None:
    """Prints a Markdown table."""
    options = _options()
    subject = load_subject(options)
    base = subject.miou(subject.model)
    keep = partial(rows_of, path=options.json, facts={"base": base, "machine": machine_facts()})
    images = len(subject.inputs)
    wanted = [
        {"network": name, "seed": seed, "settings": {"prune": NETWORKS[name].to_data(), "calibration_images": images}}
        for name in options.networks
        for seed in options.seeds
    ]
    rows = list(keep(wanted, partial(_fine_tuned, subject, options.torch_python)))
    if options.scratch:
        wanted = [
            {"network": row["network"] + SCRATCH, "seed": row["seed"], "settings": {"train": FROM_SCRATCH.to_data()}}
            | {"widths": row["widths"]}
            for row in rows
        ]
        rows += keep(wanted, partial(_from_scratch, subject))
    print(f"unpruned: {100 * base:.2f}; {images} calibration images; median (lowest to highest) on val")
    print(fine_tuning_table(cast("list[FineTuningRow]", rows), options.networks))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS)[:3], choices=NETWORKS, metavar="NAME")
    parser.add_argument("--scratch", action="store_true", help="the same widths from random weights as well")
    parser.add_argument("--torch-python", metavar="PYTHON", help="for 31k Torch-Pruning: see benchmarks/pruning.py")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--calibration-images", type=int, help="default: all training images")
    parser.add_argument("--json", type=Path)
    parser.set_defaults(seed=0)  # of the choice of calibration images
    return parser.parse_args()


def _fine_tuned(subject: Subject, python: str | None, what: Row) -> Row:
    """Prunes, repairs and fine-tunes; Torch-Pruning repairs nothing."""
    spec, seed, busy = NETWORKS[what["network"]], what["seed"], process_time()
    narrowed, repaired, widths = removed(subject, spec, seed, python)
    network = narrowed if spec.criterion.startswith(TORCH) else repaired
    before = subject.miou(network)
    train(network, subject, spec.fine_tune, seed, teacher=subject.model)
    return {"before": before, "widths": widths} | _figures(network, subject, busy)


def _from_scratch(subject: Subject, what: Row) -> Row:
    """Trains a network of the row's widths from random weights."""
    seed, busy = what["seed"], process_time()
    graph = channel_graph(subject.model)
    kept = {group.name: tuple(range(what["widths"][group.name])) for group in graph.free}
    tf_keras.utils.set_random_seed(seed)
    network = tf_keras.Model.from_config(narrow(subject.model, graph, kept).get_config())
    train(network, subject, FROM_SCRATCH, seed)
    return {"before": None} | _figures(network, subject, busy)


def train(
    network: tf_keras.Model, subject: Subject, spec: FitSpec, seed: int, teacher: tf_keras.Model | None = None
) -> None:
    """Trains in place, with the default augmentation; the best epoch on val stays."""
    fit(network, spec, subject.dataset, AugmentationSpec(), seed=seed, progress=Silent(), teacher=teacher)


def _figures(network: tf_keras.Model, subject: Subject, busy: float) -> Row:
    cost = keras_cost(network)
    return {
        "trained": subject.miou(network),
        "params": cost.params,
        "macs_share": cost.macs / keras_cost(subject.model).macs,
        "cpu_seconds": process_time() - busy,
    }


if __name__ == "__main__":
    main()
