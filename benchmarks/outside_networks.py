"""Networks of others, the MLPerf Tiny reference models, through the whole line: no accuracy is asked, parity is.

    python -m benchmarks.outside_networks SHARED/models/mlperf_tiny --json benchmarks/results/outside_networks.json

Each is opened, analysed, pruned to 70 % of its MACs, quantized without training and exported. Calibration inputs are
what is there: the windows of one recorded sound for the auto-encoder, the one stored keyword, shifted and with noise,
for DS-CNN; random blots for the two that look at images.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.core.atomic import write_bytes, write_json
from edge_nas.core.machine import machine_facts
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.int8.arithmetic import dequantize

MACS = 0.7
_SEED = 0

Inputs = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Outside:
    """A network, its file, and how inputs are made: of a folder and a number of them, (N, ...) float32."""

    name: str
    file: str
    inputs: Callable[[Path, int], Inputs]


def blots(size: int, largest: float) -> Callable[[Path, int], Inputs]:
    """Returns random images of soft blots from 0 to `largest`: a 6x6 grid of colours, enlarged, with some noise."""

    def make(_folder: Path, count: int) -> Inputs:
        generator = np.random.default_rng(_SEED)
        coarse = generator.uniform(0.0, 1.0, (count, 6, 6, 3))
        place = np.linspace(0.0, 4.999, size)
        low, share = place.astype(int), place % 1.0
        rows = coarse[:, low] * (1 - share)[:, None, None] + coarse[:, low + 1] * share[:, None, None]
        soft = rows[:, :, low] * (1 - share)[:, None] + rows[:, :, low + 1] * share[:, None]
        noisy = np.clip(soft + generator.normal(0.0, 0.05, soft.shape), 0.0, 1.0)
        return (largest * noisy).astype(np.float32)

    return make


def sound_windows(folder: Path, count: int) -> Inputs:
    """Returns windows of five frames of the sample, log mel energies (128 bands) of one recording, evenly spread."""
    data = (folder / "samples/ad01_normal_id_01_00000000_hist_librosa.bin").read_bytes()
    frames = np.frombuffer(data, "<f4").reshape(-1, 128)
    starts = np.linspace(0, len(frames) - 5, count).astype(int)
    return np.stack([frames[start : start + 5].ravel() for start in starts])


def keyword(folder: Path, count: int) -> Inputs:
    """Returns the sample (49 frames of 10 coefficients), shifted in time and with noise; the first one as it is."""
    from edge_nas.runtimes.litert import LitertRuntime

    spec = LitertRuntime(folder / "kws_ref_model.tflite", reference=True).input_spec
    codes = np.load(folder / "samples/kws_input_int8.npy").reshape(49, 10, 1)
    sample = dequantize(codes, spec.scale or 1.0, spec.zero_point or 0)  # int8, as the file takes it
    generator = np.random.default_rng(_SEED)
    shifted = [np.roll(sample, int(shift), axis=0) for shift in generator.integers(-10, 11, count)]
    noise = generator.normal(0.0, 4.0, (count, *sample.shape))
    made = (np.stack(shifted) + noise).astype(np.float32)
    made[0] = sample
    return made


NETWORKS = (
    Outside("auto-encoder", "ad01.h5", sound_windows),
    Outside("DS-CNN", "kws_ref_model", keyword),
    Outside("ResNet8", "pretrainedResnet.h5", blots(32, 255.0)),
    Outside("MobileNetV1 0.25", "vww_96.h5", blots(96, 1.0)),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="where the reference models lie")
    parser.add_argument("--inputs", type=int, default=32, help="calibration inputs")
    parser.add_argument("--json", type=Path, help="where the results go")
    options = parser.parse_args(arguments)
    load_tensorflow()
    rows = []
    for outside in NETWORKS:
        with tempfile.TemporaryDirectory() as place:
            rows.append(measure(outside, options.folder, options.inputs, Path(place)))
        print(rows[-1], flush=True)
    if options.json:
        write_json(options.json, {"inputs": options.inputs, "machine": machine_facts(), "rows": rows})
    print(table(rows))


def measure(outside: Outside, folder: Path, count: int, place: Path, repair_samples: int = 20_000) -> dict[str, Any]:
    """Returns a network's figures; its files are written into `place`."""
    import edge_nas
    from edge_nas.exporting.onnx import float_onnx, qdq_onnx
    from edge_nas.graph.tflite import to_tflite
    from edge_nas.int8.graph import float_tensors
    from edge_nas.int8.reader import read_tflite
    from edge_nas.models.outside import open_model

    source = folder / outside.file
    model = open_model(str(source), trust=source.is_dir())  # a SavedModel holds code, and these are known
    inputs = outside.inputs(folder, count)
    analysis = edge_nas.analyze_model(model, inputs)
    smaller, plan = edge_nas.prune_model(model, inputs, budget={"macs": MACS}, repair_samples=repair_samples)
    data = edge_nas.quantize_model(smaller, inputs)
    write_bytes(place / "int8.tflite", data)
    write_bytes(place / "float.tflite", to_tflite(smaller, int8=False))
    float_onnx(smaller, place / "float.onnx")
    qdq_onnx(place / "int8.tflite", place / "int8.onnx")
    return {
        "network": outside.name,
        "layers_analyzed": len(analysis.report.layers),
        "macs_before": plan.before.macs,
        "macs_after": plan.after.macs,
        "int8_bytes": len(data),
        "float_tensors": len(float_tensors(read_tflite(data, outside.name))),
        **dict(_float_parity(smaller, inputs, place)),
        **dict(_int8_parity(inputs, place)),
    }


def _float_parity(model: Any, inputs: Inputs, place: Path) -> Iterator[tuple[str, float]]:
    """Yields the largest difference of each float file, and of double precision, from Keras.

    All as a share of max(1, max|output|). No file can be nearer to Keras for sure than Keras is to exact arithmetic.
    """
    from edge_nas.runtimes.by_suffix import open_runtime
    from edge_nas.runtimes.keras import KerasRuntime

    expected = KerasRuntime(model).run(inputs)
    largest = max(1.0, float(np.abs(expected).max()))
    for name in ("float.tflite", "float.onnx"):
        yield name, float(np.abs(open_runtime(place / name).run(inputs) - expected).max() / largest)
    yield "float64", float(np.abs(_in_double(model)(inputs).numpy() - expected).max() / largest)


def _in_double(model: Any) -> Any:
    """Returns the flat network in double precision."""
    import tf_keras

    def double(layer: Any) -> Any:
        return type(layer).from_config({**layer.get_config(), "dtype": "float64"})

    copy = tf_keras.models.clone_model(model, clone_function=double)
    copy.set_weights(model.get_weights())
    return copy


def _int8_parity(inputs: Inputs, place: Path) -> Iterator[tuple[str, float]]:
    """Yields the share of output bytes that are those of LiteRT's reference kernels, and how far QDQ is from LiteRT.

    Optimised kernels and a QDQ file round in another way than the reference kernels, and a softmax makes several steps
    of one; so the QDQ file is compared with LiteRT's default kernels.
    """
    from edge_nas.runtimes import tflm
    from edge_nas.runtimes.by_suffix import open_runtime
    from edge_nas.runtimes.numpy import NumpyRuntime

    file = place / "int8.tflite"
    reference = open_runtime(file, reference=True)
    codes = reference.quantize_input(inputs)
    expected = reference.run_int8(codes)
    yield "output_codes", float(len(np.unique(expected)))
    yield "numpy", float(np.mean(NumpyRuntime(file).run_int8(codes) == expected))
    if tflm.installed():
        yield "tflite-micro", float(np.mean(tflm.run_int8(file.read_bytes(), codes) == expected))
    optimised = open_runtime(file, reference=False).run_int8(codes).astype(int)
    steps = np.abs(open_runtime(place / "int8.onnx").run_int8(codes) - optimised)
    yield "litert_within_one", float(np.mean(np.abs(optimised - expected) <= 1))
    yield "qdq_within_one", float(np.mean(steps <= 1))
    yield "qdq_furthest", float(steps.max())


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Returns Markdown."""
    lines = [
        "| network | MACs | pruned to | int8 bytes | numpy = reference | tflite-micro = reference | "
        "QDQ within one step of LiteRT's default | ONNX float from Keras | double precision from Keras |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        micro = f"{row['tflite-micro']:.2%}" if "tflite-micro" in row else "not installed"
        lines.append(
            f"| {row['network']} | {row['macs_before']:,} | {row['macs_after'] / row['macs_before']:.1%} | "
            f"{row['int8_bytes']:,} | {row['numpy']:.2%} | {micro} | {row['qdq_within_one']:.2%} | "
            f"{row['float.onnx']:.1e} | {row['float64']:.1e} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
