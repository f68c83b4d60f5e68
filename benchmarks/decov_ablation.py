"""Does decorrelation pay? Weights and places of the DeCov penalty against accuracy, rank and what pruning costs.

    python -m benchmarks.decov_ablation benchmarks/configs/camvid_road.yaml data.root=DIR --jobs 2

For every weight, place and seed a network is trained; then half and three quarters of its channels are removed, without
repair, with repair, and with fine-tuning by distillation from the unpruned network. Fine-tuning has no penalty: what
differs is the network that training gave. mIoU is that of float networks on val. Each training is a process and a file
in --out, which later runs take up again.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.lib.lanes import in_lanes, run_on
from benchmarks.lib.scores import miou_on_val
from benchmarks.tables.decov import RATIOS, Row, decov_differences, decov_table
from edge_nas.core.atomic import make_folder, write_json
from edge_nas.core.config import BuildConfig, FitSpec, PruneSpec
from edge_nas.core.configfile import load_config
from edge_nas.core.hashing import sha256_data
from edge_nas.core.machine import machine_facts
from edge_nas.core.tensorflowlog import load_tensorflow

BLOCKS = "*_pointwise_relu"
"""The output of every block of Nano_U and Fast_U."""


@dataclass(frozen=True)
class Case:
    """One training; `place` is "output" (the features that feed the output layer) or "blocks"."""

    place: str
    weight: float
    seed: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs every case and prints the table."""
    options = _parse(arguments)
    config = load_config(options.config, options.overrides)
    if options.case:
        write_json(options.result, measure(config, Case(**json.loads(options.case)), options.fine_tune_epochs))
        return
    make_folder(options.out)
    cases = [
        Case(place, weight, seed)
        for place in ("output", "blocks")
        for weight in options.weights
        for seed in options.seeds
        if weight > 0 or place == "output"
    ]
    rows = in_lanes(cases, options.jobs, lambda case, core: _row(case, config, options, core))
    if options.json:
        facts = {"config": config.to_data() | {"data": None}, "fine_tune_epochs": options.fine_tune_epochs}
        write_json(options.json, {**facts, "machine": machine_facts(), "rows": rows})
    print(decov_table(rows))
    print(f"\n{decov_differences(rows)}")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("config", help="a configuration file or a preset")
    parser.add_argument("overrides", nargs="*", metavar="key=value")
    parser.add_argument("--weights", type=float, nargs="+", default=[0.0, 0.01, 0.05, 0.1, 0.5])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--fine-tune-epochs", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1, help="trainings at a time; above 1, each is held to one core")
    parser.add_argument("--out", type=Path, default=Path("runs/decov_ablation"), help="where each training's file goes")
    parser.add_argument("--json", type=Path, help="where the results go")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    return parser.parse_intermixed_args(arguments)


def _row(case: Case, config: BuildConfig, options: argparse.Namespace, core: int | None) -> Row:
    key = sha256_data({"config": config.to_data(), "case": asdict(case), "tuned": options.fine_tune_epochs})[:16]
    path = options.out / f"{config.model.name}-{case.place}-{case.weight:g}-{case.seed}-{key}.json"
    if not path.exists():
        command = ["-m", "benchmarks.decov_ablation", options.config, *options.overrides]
        command += ["--case", json.dumps(asdict(case))]
        command += ["--result", str(path), "--fine-tune-epochs", str(options.fine_tune_epochs)]
        run_on(core, command, str(case))
    row: Row = json.loads(path.read_text(encoding="utf-8"))
    return row


def _with_penalty(spec: FitSpec, case: Case) -> FitSpec:
    """Returns the settings of training with the case's penalty in place of their own."""
    settings = spec.model_dump(include=set(FitSpec.model_fields))
    settings["decov_weight"] = case.weight if case.place == "output" else 0.0
    settings["decov_layers"] = {BLOCKS: case.weight} if case.place == "blocks" else {}
    return FitSpec(**settings)


def measure(config: BuildConfig, case: Case, fine_tune_epochs: int) -> dict[str, Any]:
    """Returns the row of one case: shares in [0, 1]; `rank` and `mean_correlation` are of the output features."""
    load_tensorflow()
    import tf_keras

    from edge_nas.data.loader import load_dataset
    from edge_nas.graph.flatten import flatten
    from edge_nas.models.registry import create_model
    from edge_nas.pruning import remove_channels
    from edge_nas.runs.progress import Silent
    from edge_nas.runtimes.keras import KerasRuntime
    from edge_nas.training import fit

    dataset = load_dataset(config.data)
    inputs = dataset.calibration(config.data.calibration_images, case.seed)

    def train(network: Any, spec: FitSpec, teacher: Any = None) -> None:
        fit(network, spec, dataset, config.augmentation, seed=case.seed, progress=Silent(), teacher=teacher)

    def miou(network: Any) -> float:
        return miou_on_val(KerasRuntime(network).run, dataset)

    tf_keras.utils.set_random_seed(case.seed)
    network = flatten(create_model(config.model), config.data.input_shape)
    train(network, _with_penalty(config.train, case))
    row = asdict(case) | {"miou": miou(network)} | _redundancy(network, inputs, config.analyze.width_error)
    for ratio in RATIOS:
        pruned = remove_channels(network, inputs, PruneSpec(ratio=ratio), case.seed)
        row |= {f"cut_{ratio}": miou(pruned.narrowed), f"repaired_{ratio}": miou(pruned.repaired)}
        tuning = config.prune.fine_tune.model_copy(update={"epochs": fine_tune_epochs, "decov_weight": 0.0})
        train(pruned.repaired, tuning, teacher=network)
        row[f"tuned_{ratio}"] = miou(pruned.repaired)
    return row


def _redundancy(network: Any, inputs: Any, width_error: float) -> dict[str, Any]:
    """Returns effective rank and correlation of the output features, and the ranks of all layers."""
    from edge_nas.covariance.report import redundancy_report
    from edge_nas.graph.features import output_features

    layers = {layer.name: layer for layer in redundancy_report(network, inputs, width_error).layers}
    # A layer is reported under the name of the block that it ends, with which its own name begins.
    output_layer = output_features(network).layer
    features = next(layer for name, layer in layers.items() if output_layer.startswith(name))
    return {
        "rank": features.effective_rank,
        "mean_correlation": features.mean_abs_correlation,
        "ranks": {name: layer.effective_rank for name, layer in layers.items()},
    }


if __name__ == "__main__":
    main()
