"""Whether exported files compute what they were made from: compared value by value, and refused where they do not."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.data.dataset import ImageSet
from edge_nas.errors import ArtifactError, GateError
from edge_nas.evaluation.parity import compare, primary_score
from edge_nas.exporting.files import FLOAT_FILES, QDQ
from edge_nas.results.parity import AnyParity
from edge_nas.runs.progress import Progress
from edge_nas.runtimes import tflm
from edge_nas.runtimes.base import FileRuntime
from edge_nas.runtimes.by_suffix import open_runtime
from edge_nas.runtimes.keras import KerasRuntime
from edge_nas.runtimes.numpy import NumpyRuntime
from edge_nas.runtimes.onnxruntime import OnnxRuntime

FLOAT_TOLERANCE = 1e-5
"""Relative to the largest output: float32 keeps seven digits, and runtimes add in other orders."""

QDQ_SCORE = 0.003
"""Primary score by which the QDQ file may differ from the int8 .tflite: it rounds in float, the other in integers."""

_ROUNDED = 1e-9
"""Far above what a difference of two float64 scores is off by, and far below one answer."""

_ROUNDED_CODE = 1e-3
"""Of a code: outputs are float32 here, and two codes are a thousand times this apart."""

_TOGETHER = 3
"""Samples that a file for any batch gets at a time: neither 1, at which it was traced, nor even."""

Codes = npt.NDArray[np.integer]


class Comparison(NamedTuple):
    """A folder of exported files, open on their exact kernels, and the images on which they are compared."""

    folder: Path
    runtimes: Mapping[str, FileRuntime]
    images: ImageSet
    inputs: npt.NDArray[np.float32]


def open_files(folder: Path, names: Sequence[str], images: ImageSet) -> Comparison:
    """Returns the files of a folder, ready to be compared on `images`."""
    runtimes = {name: open_runtime(folder / name, reference=True) for name in names}
    return Comparison(folder, runtimes, images, images.inputs())


def check_batches(files: Comparison) -> None:
    """Checks that ONNX files for any batch give for several samples together what they give for each.

    Raises:
        GateError: names the file.
    """
    several = np.resize(files.inputs, (_TOGETHER, *files.inputs.shape[1:]))
    for name, runtime in files.runtimes.items():
        if not isinstance(runtime, OnnxRuntime):
            continue
        stored = runtime.quantize_input(several) if runtime.is_int8 else several
        try:
            together = runtime.run_together(stored).astype(np.float64)
        except ArtifactError as error:
            raise GateError(f"export: {name} does not take {_TOGETHER} samples at a time: {error}") from error
        one_by_one = [runtime.run_together(stored[index : index + 1]) for index in range(_TOGETHER)]
        each = np.concatenate(one_by_one).astype(np.float64)
        # A float sum in another order may fall on the other side of half a code.
        allowed = 1.0 if runtime.is_int8 else FLOAT_TOLERANCE * max(1.0, float(np.abs(each).max()))
        if together.shape != each.shape or np.abs(together - each).max() > allowed:
            raise GateError(f"export: {name} gives other outputs for {_TOGETHER} samples together than for each")


def float_parity(network: tf_keras.Model, files: Comparison) -> tuple[AnyParity, ...]:
    """Returns how far the float files are from Keras.

    Raises:
        GateError: one is not the same network; names the file, the difference and what is allowed.
    """
    expected = KerasRuntime(network).run(files.inputs)
    allowed = FLOAT_TOLERANCE * max(1.0, float(np.max(np.abs(expected))))
    reports = []
    for name in FLOAT_FILES:
        runtime = files.runtimes[name]
        report = compare(
            expected,
            runtime.run(files.inputs),
            names=("keras", f"{runtime.name} ({name})"),
            unit="logit",
            task=files.images.task,
            truth=files.images.labels,
        )
        if report.max_abs > allowed:
            raise GateError(f"export: {name} differs from Keras by {report.max_abs:g}, allowed {allowed:g}")
        reports.append(report)
    return tuple(reports)


def int8_parity(files: Comparison, progress: Progress) -> tuple[AnyParity, ...]:
    """Returns how far whatever computes int8 is from the reference kernels, which a microcontroller computes."""
    reference = files.runtimes["model.tflite"]
    codes = reference.quantize_input(files.inputs)
    expected = reference.run_stored(codes)
    output = reference.output_spec
    reports = []
    for candidate, outputs in _int8_outputs(files, codes, progress):
        report = compare(
            expected,
            outputs,
            names=(reference.name, candidate),
            unit="lsb",
            task=files.images.task,
            scale=output.scale or 1.0,
            zero_point=output.zero_point or 0,
            truth=files.images.labels,
        )
        reports.append(report)
    return tuple(reports)


def _int8_outputs(files: Comparison, codes: Codes, progress: Progress) -> Iterator[tuple[str, Codes]]:
    """Yields the name and the output codes of every other way to compute the shipped int8 files."""
    tflite = files.folder / "model.tflite"
    runtimes = {"model.tflite": open_runtime(tflite, reference=False)}
    if QDQ in files.runtimes:
        runtimes |= {QDQ: files.runtimes[QDQ], f"{QDQ}, fused": open_runtime(files.folder / QDQ, reference=False)}
    for name, runtime in runtimes.items():
        yield f"{runtime.name} ({name})", runtime.run_stored(codes)
    try:
        interpreter = NumpyRuntime(tflite)
    except ArtifactError as error:
        progress.note(f"the numpy interpreter is left out of the comparison: {error}")
    else:
        yield f"{interpreter.name} (model.tflite)", interpreter.run_stored(codes)
    if tflm.installed():
        yield f"{tflm.NAME} (model.tflite)", tflm.run_stored(tflite.read_bytes(), codes, apart=True)


def check_qdq(files: Comparison) -> None:
    """Checks that the QDQ file gives what the int8 .tflite does to one code, or scores as it does.

    The one rounds in float, the other in integers, so a code is the least that they can differ by. Where two classes
    share the highest code, as in a few of a hundred samples, a code turns the answer: a score tells nothing then.

    Raises:
        GateError: names both scores.
    """
    images = files.images
    task = images.task
    tflite = files.runtimes["model.tflite"]
    expected, given = tflite.run(files.inputs), files.runtimes[QDQ].run(files.inputs)
    code = tflite.output_spec.scale or 0.0
    if np.abs(expected - given).max() <= code * (1 + _ROUNDED_CODE):
        return
    tflite_score, qdq_score = (primary_score(task, outputs, images.labels) for outputs in (expected, given))
    # One answer of few images is more than 0.3 points; shares of answers are no exact floats.
    allowed = QDQ_SCORE if task.has_masks else max(QDQ_SCORE, 1 / len(images))
    if tflite_score is not None and qdq_score is not None and abs(tflite_score - qdq_score) > allowed + _ROUNDED:
        raise GateError(
            f"export: model_int8.onnx scores {qdq_score:.4f} {task.score[1]} on val, model.tflite {tflite_score:.4f}; "
            f"allowed: a difference of {allowed:g}"
        )
