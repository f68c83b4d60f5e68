"""Networks of others, the MLPerf Tiny reference models, through the whole line: no accuracy is asked, parity is.

    python -m benchmarks.outside_networks SHARED/models/mlperf_tiny --json benchmarks/results/outside_networks.json

Each is opened, analysed, pruned to 70 % of its MACs, quantized without training and exported. Calibration inputs are
what is there: the windows of one recorded sound for the auto-encoder, the one stored keyword, shifted and with noise,
for DS-CNN; random blots for the two that look at images.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.lib.outside import NETWORKS, Inputs, Outside
from benchmarks.tables.outside_networks import outside_table
from edge_nas.core.atomic import write_bytes, write_json
from edge_nas.core.machine import machine_facts
from edge_nas.core.tensorflowlog import load_tensorflow

MACS = 0.7


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
    print(outside_table(rows))


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
        yield "tflite-micro", float(np.mean(tflm.run_stored(file.read_bytes(), codes) == expected))
    optimised = open_runtime(file, reference=False).run_int8(codes).astype(int)
    steps = np.abs(open_runtime(place / "int8.onnx").run_int8(codes) - optimised)
    yield "litert_within_one", float(np.mean(np.abs(optimised - expected) <= 1))
    yield "qdq_within_one", float(np.mean(steps <= 1))
    yield "qdq_furthest", float(steps.max())


if __name__ == "__main__":
    main()
