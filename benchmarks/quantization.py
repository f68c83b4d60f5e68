"""What int8 costs: networks quantized without training in four ways, from calibrated ranges, and with training.

    python -m benchmarks.quantization RUN... --unet UNET.h5 data.root=DIR --json results.json

For the trained and the pruned network of each finished run, and for the U-Net of lib/unet_camvid.py as it is and with
half of its channels removed without training: mIoU on val in float and in int8, every int8 file on the reference
kernels. PTQ rounds weights to the nearest code, or against the covariance of their inputs, and leaves biases as they
are or corrects them. Calibrated QAT has no epoch. QAT of a run's pruned network is the run's own file; other networks
are trained as the configuration says.

Runs of one configuration with different seeds are one line: median, lowest and highest drop in points. Results that
the JSON file holds already are kept, so that the work can be done in parts (`--schemes`).
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.lib.scores import miou_on_val
from benchmarks.lib.unet_camvid import unet_camvid
from benchmarks.tables.quantization import NETWORKS, SCHEMES, quantization_table
from edge_nas.core.atomic import write_json
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.machine import machine_facts
from edge_nas.core.tensorflowlog import load_tensorflow

PTQ: dict[str, dict[str, Any]] = {
    "ptq": {},
    "ptq_bias": {"bias_correction": True},
    "ptq_rounding": {"rounding": "covariance"},
    "ptq_both": {"rounding": "covariance", "bias_correction": True},
}


@dataclass(frozen=True)
class Subject:
    """A float network to quantize, and where its run keeps the int8 file that was trained from it, if there is one."""

    name: str
    network: str
    config: BuildConfig
    load: Callable[[], Any]
    trained_int8: Path | None = None

    @property
    def key(self) -> dict[str, Any]:
        """What tells its row from others."""
        return {"config": self.name, "network": self.network, "seed": self.config.seed}


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("runs", nargs="+", metavar="RUN|key=value")
    parser.add_argument("--unet", type=Path, metavar="UNET.h5")
    parser.add_argument("--schemes", nargs="+", choices=list(SCHEMES), default=list(SCHEMES), help="default: all")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=NETWORKS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_intermixed_args(arguments)
    overrides = [word for word in options.runs if "=" in word]
    load_tensorflow()
    rows = json.loads(options.json.read_text())["rows"] if options.json and options.json.exists() else []
    for subject in subjects([Path(run) for run in options.runs if run not in overrides], options.unet, overrides):
        row = next((row for row in rows if subject.key.items() <= row.items()), None)
        if row is None:
            rows.append(row := subject.key)
        if subject.network in options.networks and not {"float", *options.schemes} <= row.keys():
            measure(subject, row, options.schemes)
            print(row, flush=True)
            if options.json:
                write_json(options.json, {"machine": machine_facts(), "rows": [row for row in rows if "float" in row]})
    print(quantization_table([row for row in rows if "float" in row]))


def subjects(runs: Sequence[Path], unet: Path | None, overrides: Sequence[str]) -> Iterator[Subject]:
    """Yields the networks of finished runs, a pruned one only where channels were removed, and the U-Net's."""
    from edge_nas.models.files import load_model

    for run in runs:
        config = load_config(str(run / "config.yaml"), overrides)
        name = config.name or run.name
        yield Subject(name, "trained", config, partial(load_model, run / "01_train/trained.npz"))
        if config.prune.ratio > 0:
            int8 = run / "04_quantize/model_int8.tflite" if config.quantize.scheme == "qat" else None
            yield Subject(name, "pruned", config, partial(load_model, run / "03_prune/pruned.npz"), int8)
    if unet is not None:
        config = load_config(None, ["data.source=folder", *overrides])
        yield Subject("unet_camvid", "trained", config, partial(unet_camvid, unet))
        yield Subject("unet_camvid", "pruned", config, partial(_pruned_unet, unet, config))


def _pruned_unet(unet: Path, config: BuildConfig) -> Any:
    import edge_nas

    return edge_nas.prune_model(unet_camvid(unet), _calibration(config), 0.5, repair_samples=50_000)[0]


def measure(subject: Subject, row: dict[str, Any], schemes: Sequence[str]) -> None:
    """Adds mIoU on val, [0, 1], by scheme to a row; those that it has are kept."""
    from edge_nas.data.loader import load_dataset
    from edge_nas.graph.flatten import flatten
    from edge_nas.quantization.ptq import int8_graph, post_training
    from edge_nas.runtimes.keras import KerasRuntime
    from edge_nas.runtimes.litert import LitertRuntime

    dataset, inputs = load_dataset(subject.config.data), _calibration(subject.config)
    network = flatten(subject.load())

    def score(data: bytes) -> float:
        int8_graph(data, subject.name, network)  # refuses a file that is not all int8
        return miou_on_val(LitertRuntime(data, reference=True).run, dataset)

    row.setdefault("float", miou_on_val(KerasRuntime(network).run, dataset))
    for scheme in (scheme for scheme in schemes if scheme not in row):
        if scheme in PTQ:
            data = post_training(network, inputs, **PTQ[scheme], seed=subject.config.seed)
        elif scheme == "qat" and subject.trained_int8 is not None:
            data = subject.trained_int8.read_bytes()
        else:
            data = _aware(subject, network, dataset, inputs, train=scheme == "qat")
        row[scheme] = score(data)


def _calibration(config: BuildConfig) -> Any:
    from edge_nas.data.loader import load_dataset

    return load_dataset(config.data).calibration(config.data.calibration_images, config.seed)


def _aware(subject: Subject, network: Any, dataset: Any, inputs: Any, *, train: bool) -> bytes:
    from edge_nas.graph.tflite import to_tflite
    from edge_nas.quantization import quantization_aware
    from edge_nas.runs.progress import Silent
    from edge_nas.training import fit

    quantized, config = quantization_aware(network, inputs, dataset.format.input_range), subject.config
    if train:
        settings = config.quantize.fit
        augmentation = config.augmentation
        fit(quantized, settings, dataset, augmentation, seed=config.seed, progress=Silent(), teacher=network)
    return to_tflite(quantized, int8=True)


if __name__ == "__main__":
    main()
