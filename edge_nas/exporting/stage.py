"""Stage 5: the files that are shipped, each compared with what it was made from."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from edge_nas.core.atomic import copy_file, write_bytes, write_json
from edge_nas.core.config import BudgetSpec, ExportSpec
from edge_nas.core.hashing import sha256_file
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.errors import ArtifactError, GateError
from edge_nas.evaluation.evaluate import evaluate_split
from edge_nas.evaluation.parity import compare, primary_score
from edge_nas.exporting.onnx import float_onnx, qdq_onnx
from edge_nas.graph.tflite import to_tflite
from edge_nas.models.files import load_model
from edge_nas.results.artifacts import Cost, ModelArtifact
from edge_nas.results.export import ExportOutput
from edge_nas.results.parity import AnyParity
from edge_nas.results.prune import PruneOutput
from edge_nas.results.quantize import QuantizeOutput
from edge_nas.runs.workspace import Workspace
from edge_nas.runtimes import tflm
from edge_nas.runtimes.base import FileRuntime
from edge_nas.runtimes.by_suffix import open_runtime
from edge_nas.runtimes.keras import KerasRuntime
from edge_nas.runtimes.numpy import NumpyRuntime
from edge_nas.runtimes.onnxruntime import OnnxRuntime
from edge_nas.tasks import Task
from edge_nas.tasks.card import CARD

FILES = ("model.tflite", "model_float.tflite", "model.onnx", "model_int8.onnx")
FLOAT_TOLERANCE = 1e-5
QDQ_SCORE = 0.003
"""Primary score on val by which the QDQ file may differ from the int8 .tflite."""
_TOGETHER = 3
_INT8 = ("model.tflite", "model_int8.onnx")
_STEPS = len(FILES) + 1
_MEASURED = {"flash_bytes": "is of", "peak_ram_bytes": "has at its peak tensors alive of"}

Inputs = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int8]
Compare = Callable[..., AnyParity]


def export(
    spec: ExportSpec,
    *,
    pruned: PruneOutput,
    quantized: QuantizeOutput,
    dataset: Dataset,
    run: Workspace,
    budget: BudgetSpec | None = None,
) -> ExportOutput:
    """Returns the four shipped files, their parity on the validation images and their scores.

    Args:
        spec: which files.
        pruned: the float network.
        quantized: the int8 file.
        dataset: whose validation images the files are compared on.
        run: where to write.
        budget: what pruning was to keep to, for the int8 file to be held against.

    Raises:
        GateError: the int8 file is above the budget's flash or peak RAM, a float file differs from Keras by more than
            1e-5 · max(1, max|logit|), the QDQ file from the int8 .tflite by more than 0.3 points of the primary score
            on val, or a file for any batch gives other outputs for several samples than for each.
        GraphError: a converter refuses the network.
    """
    if budget is not None:
        _check_budget(budget, pruned.plan.before, quantized.cost)
    network = load_model(run.path_of(pruned.model))
    _write_files(network, quantized, run, dynamic=spec.onnx_batch == "dynamic")
    _write_card(dataset.task, run)
    run.progress.step("comparing the files with what they were made from", _STEPS - 1, _STEPS)
    inputs = Preprocessing().apply(dataset.val.images)
    runtimes = {name: open_runtime(run.folder / name, reference=True) for name in FILES}
    if spec.onnx_batch == "dynamic":
        _check_batches(runtimes, inputs)
    judged = partial(compare, task=dataset.task, truth=dataset.val.labels)
    parity = (*_float_parity(network, runtimes, inputs, judged), *_int8_parity(runtimes, inputs, judged, run))
    _check_qdq(runtimes, inputs, dataset.val)
    split, images = dataset.reported
    parents = {name: quantized.model if name in _INT8 else pruned.model for name in FILES}
    return ExportOutput(
        artifacts={name: _artifact(name, runtimes[name], parents[name], run) for name in FILES},
        parity=parity,
        evaluations={name: evaluate_split(runtimes[name].run, images, split, Preprocessing()) for name in FILES},
    )


def _check_budget(budget: BudgetSpec, whole: Cost, deployed: Cost) -> None:
    """Holds the int8 file itself against the budget, which pruning could only predict.

    A share of flash says nothing about the file, since none was made of the unpruned network.

    Raises:
        GateError: names the key, both numbers and what to do.
    """
    for name, seen in (("flash_bytes", deployed.flash_bytes), ("peak_ram_bytes", deployed.peak_ram_bytes)):
        asked, before = getattr(budget, name), getattr(whole, name)
        limit = asked if asked is None or asked > 1 else asked * before if before is not None else None
        if limit is not None and seen is not None and seen > limit:
            raise GateError(
                f"export: prune.budget.{name} is {asked:g}, and the int8 file {_MEASURED[name]} {seen:,} bytes; "
                f"allowed: {limit:,.0f}. Set prune.budget.{name} to {asked * limit / seen:.4g} or less, so that more "
                "is removed"
            )


def _write_files(network: object, quantized: QuantizeOutput, run: Workspace, *, dynamic: bool) -> None:
    folder, step = run.folder, run.progress.step
    step("model.tflite", 0, _STEPS)
    copy_file(run.path_of(quantized.model), folder / "model.tflite")
    step("model_float.tflite", 1, _STEPS)
    write_bytes(folder / "model_float.tflite", to_tflite(network, int8=False))
    step("model.onnx", 2, _STEPS)
    float_onnx(network, folder / "model.onnx", dynamic=dynamic)
    step("model_int8.onnx", 3, _STEPS)
    qdq_onnx(folder / "model.tflite", folder / "model_int8.onnx", dynamic=dynamic)


def _check_batches(runtimes: dict[str, FileRuntime], inputs: Inputs) -> None:
    """Checks that ONNX files for any batch give for several samples together what they give for each.

    Raises:
        GateError: names the file.
    """
    several = np.resize(inputs, (_TOGETHER, *inputs.shape[1:]))
    for name, runtime in runtimes.items():
        if not isinstance(runtime, OnnxRuntime):
            continue
        stored = runtime.quantize_input(several) if runtime.is_int8 else several
        try:
            together = runtime.run_together(stored).astype(np.float64)
        except ArtifactError as error:
            raise GateError(f"export: {name} does not take {_TOGETHER} samples at a time: {error}") from error
        each = np.concatenate([runtime.run_together(stored[i : i + 1]) for i in range(_TOGETHER)]).astype(np.float64)
        allowed = 1.0 if runtime.is_int8 else FLOAT_TOLERANCE * max(1.0, float(np.abs(each).max()))
        if together.shape != each.shape or np.abs(together - each).max() > allowed:
            raise GateError(f"export: {name} gives other outputs for {_TOGETHER} samples together than for each")


def _write_card(task: Task, run: Workspace) -> None:
    """Says beside the files what their outputs mean, where a file alone does not."""
    if task.card is not None:
        write_json(run.folder / CARD, task.card.to_data())
        run.publish(CARD, f"artifacts/{CARD}")


def _float_parity(
    network: object, runtimes: dict[str, FileRuntime], inputs: Inputs, judged: Compare
) -> list[AnyParity]:
    """Compares the float files with Keras, and refuses one that is not the same network.

    Raises:
        GateError: names the file, the difference and what is allowed.
    """
    expected = KerasRuntime(network).run(inputs)
    allowed = FLOAT_TOLERANCE * max(1.0, float(np.max(np.abs(expected))))
    reports = []
    for name in FILES:
        if name in _INT8:
            continue
        names = ("keras", f"{runtimes[name].name} ({name})")
        report = judged(expected, runtimes[name].run(inputs), names=names, unit="logit")
        if report.max_abs > allowed:
            raise GateError(f"export: {name} differs from Keras by {report.max_abs:g}, allowed {allowed:g}")
        reports.append(report)
    return reports


def _int8_parity(runtimes: dict[str, FileRuntime], inputs: Inputs, judged: Compare, run: Workspace) -> list[AnyParity]:
    """Compares whatever computes int8 with the reference kernels, which are what a microcontroller computes."""
    reference = runtimes["model.tflite"]
    codes = reference.quantize_input(inputs)
    expected = reference.run_int8(codes)
    output = reference.output_spec
    return [
        judged(
            expected,
            given,
            names=(reference.name, candidate),
            unit="lsb",
            scale=output.scale or 1.0,
            zero_point=output.zero_point or 0,
        )
        for candidate, given in _int8_outputs(runtimes, codes, run)
    ]


def _check_qdq(runtimes: Mapping[str, FileRuntime], inputs: Inputs, images: ImageSet) -> None:
    """Checks that the QDQ file scores as the int8 .tflite does.

    Raises:
        GateError: names both scores.
    """
    task = images.task
    wanted, seen = (
        primary_score(task, runtimes[name].run(inputs), images.labels) for name in ("model.tflite", "model_int8.onnx")
    )
    # One answer of few images is more than 0.3 points.
    allowed = QDQ_SCORE if task.has_masks else max(QDQ_SCORE, 1 / len(images))
    if wanted is not None and seen is not None and abs(wanted - seen) > allowed:
        raise GateError(
            f"export: model_int8.onnx scores {seen:.4f} {task.score[1]} on val, model.tflite {wanted:.4f}; allowed: a "
            f"difference of {allowed:g}"
        )


def _int8_outputs(runtimes: dict[str, FileRuntime], codes: Codes, run: Workspace) -> Iterator[tuple[str, Codes]]:
    """Yields the name and the output codes of every other way to compute the shipped int8 files."""
    file = run.folder / "model.tflite"
    candidates = {
        "model.tflite": open_runtime(file, reference=False),
        "model_int8.onnx": runtimes["model_int8.onnx"],
        "model_int8.onnx, fused": open_runtime(run.folder / "model_int8.onnx", reference=False),
    }
    for name, runtime in candidates.items():
        yield f"{runtime.name} ({name})", runtime.run_int8(codes)
    try:
        interpreter = NumpyRuntime(file)
    except ArtifactError as error:
        run.progress.note(f"the numpy interpreter is left out of the comparison: {error}")
    else:
        yield f"{interpreter.name} (model.tflite)", interpreter.run_int8(codes)
    if tflm.installed():
        yield f"{tflm.NAME} (model.tflite)", tflm.run_int8(file.read_bytes(), codes)


def _artifact(name: str, runtime: FileRuntime, parent: ModelArtifact, run: Workspace) -> ModelArtifact:
    path = run.folder / name
    return ModelArtifact(
        path=run.publish(name, f"artifacts/{name}"),
        format="onnx" if name.endswith(".onnx") else "tflite",
        sha256=sha256_file(path),
        size_bytes=path.stat().st_size,
        inputs=(runtime.input_spec,),
        outputs=(runtime.output_spec,),
        stage="export",
        parent=parent.sha256,
    )
