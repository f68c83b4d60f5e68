"""What int8 costs: finished runs quantized without training, from calibrated ranges, and as their settings say.

    python benchmarks/quantization.py RUN... data.root=DIR --json results.json

For the trained and for the pruned network of each run: mIoU on val in float, after PTQ, after QAT of no epoch
(calibrated ranges alone) and after QAT; every int8 file on the reference kernels. Runs of one configuration with
different seeds are one line: median, lowest and highest drop in points.
"""

import argparse
import statistics
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from edge_nas.core.atomic import write_json
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.machine import machine_facts
from edge_nas.core.tensorflowlog import load_tensorflow

NETWORKS = {"trained": "01_train/trained.npz", "pruned": "03_prune/pruned.npz"}
SCHEMES = ("ptq", "calibrated", "qat")


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("runs", nargs="+", metavar="RUN|key=value")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    overrides = [word for word in options.runs if "=" in word]
    load_tensorflow()
    rows = [
        row
        for run in options.runs
        if run not in overrides
        for row in measure(Path(run), load_config(Path(run) / "config.yaml", overrides))
    ]
    if options.json:
        write_json(options.json, {"machine": machine_facts(), "rows": rows})
    print(table(rows))


def measure(run: Path, config: BuildConfig) -> list[dict[str, Any]]:
    """Returns a row per network of a run: the configuration's name, the seed, and mIoU in [0, 1] by scheme."""
    from edge_nas.core.preprocessing import Preprocessing
    from edge_nas.core.progress import Silent
    from edge_nas.data.loader import load_dataset
    from edge_nas.evaluation.splits import judge
    from edge_nas.graph.tflite import to_tflite
    from edge_nas.models.files import load_model
    from edge_nas.quantization import quantization_aware
    from edge_nas.quantization.ptq import int8_graph, post_training
    from edge_nas.runtimes.keras import KerasRuntime
    from edge_nas.runtimes.litert import LitertRuntime
    from edge_nas.training import fit

    dataset = load_dataset(config.data)
    inputs = Preprocessing().apply(dataset.calibration(config.data.calibration_images, config.seed))
    train = partial(fit, dataset=dataset, augmentation=config.augmentation, seed=config.seed, progress=Silent())

    def score(data: bytes) -> float:
        int8_graph(data, run.name)
        return judge(LitertRuntime(data, reference=True).run, dataset).val.metrics.miou or 0.0

    rows = []
    for name, file in NETWORKS.items():
        network = load_model(run / file)
        row: dict[str, Any] = {"config": config.name or run.name, "network": name, "seed": config.seed}
        row["float"] = judge(KerasRuntime(network).run, dataset).val.metrics.miou
        row["ptq"] = score(post_training(network, inputs))
        quantized = quantization_aware(network, inputs, Preprocessing())
        row["calibrated"] = score(to_tflite(quantized, int8=True))
        train(quantized, config.quantize.fit, teacher=network)
        row["qat"] = score(to_tflite(quantized, int8=True))
        rows.append(row)
        print(row, flush=True)
    return rows


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Returns Markdown: float mIoU in per cent and the points that each scheme loses, median (lowest to highest)."""
    lines = [
        "| run | network | seeds | float | PTQ loses | calibrated QAT, no epoch, loses | QAT loses |",
        "|---|---|---|---|---|---|---|",
    ]
    for config, network in dict.fromkeys((row["config"], row["network"]) for row in rows):
        mine = [row for row in rows if (row["config"], row["network"]) == (config, network)]
        cells = [_cell([row["float"] for row in mine], "")]
        cells += [_cell([row["float"] - row[scheme] for row in mine], "+") for scheme in SCHEMES]
        lines.append(f"| {config} | {network} | {len(mine)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(values: list[float], sign: str) -> str:
    middle, low, high = (100 * value for value in (statistics.median(values), min(values), max(values)))
    return f"{middle:{sign}.2f} ({low:{sign}.2f} to {high:{sign}.2f})"


if __name__ == "__main__":
    main()
