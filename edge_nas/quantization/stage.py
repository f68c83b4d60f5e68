"""Stage 4: the int8 file, by quantization-aware training from calibrated ranges, or from ranges alone."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.core.atomic import write_bytes
from edge_nas.core.config import QuantizeSpec
from edge_nas.core.hashing import sha256_bytes
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.errors import GateError
from edge_nas.evaluation.evaluate import evaluate
from edge_nas.evaluation.parity import compare
from edge_nas.graph.tflite import to_tflite
from edge_nas.int8.arithmetic import quantize as quantize_values
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.graph import float_tensors
from edge_nas.models.files import load_model
from edge_nas.quantization.ptq import int8_graph, post_training
from edge_nas.quantization.qat import quantization_aware
from edge_nas.quantization.sparsity import sparsity_report
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.parity import AnyParity
from edge_nas.results.prune import PruneOutput
from edge_nas.results.quantize import QuantizeOutput
from edge_nas.results.scores import Evaluations
from edge_nas.results.train import EpochRecord
from edge_nas.runs.workspace import Fit, Workspace
from edge_nas.runtimes.keras import KerasRuntime
from edge_nas.runtimes.litert import LitertRuntime


def quantize(
    spec: QuantizeSpec,
    *,
    pruned: PruneOutput,
    dataset: Dataset,
    calibration_images: int | None,
    seed: int,
    fit: Fit,
    run: Workspace,
) -> QuantizeOutput:
    """Returns the int8 file `model_int8.tflite`, judged on the reference kernels.

    Raises:
        GateError: a float tensor is left in the file, int8 loses more of the primary score on val than
            `spec.max_drop`, or the converter changed weights that were chosen.
        GraphError: a layer that TFMOT or the converter cannot quantize.
    """
    network, dense = load_model(run.path_of(pruned.model)), pruned.dense_model
    inputs = Preprocessing().apply(dataset.calibration(calibration_images, seed))
    made = _make(spec, network, inputs, fit, run, seed=seed, keep_zeros=pruned.zero_share is not None)
    data = made.data
    path = run.folder / "model_int8.tflite"
    write_bytes(path, data)
    graph = int8_graph(data, path.name, network)
    runtime = LitertRuntime(data, reference=True)
    evaluation = evaluate(runtime.run, dataset)
    drop = _drop(pruned.pruned, evaluation, spec.max_drop)
    return QuantizeOutput(
        model=ModelArtifact(
            path=run.in_run(path.name),
            format="tflite",
            sha256=sha256_bytes(data),
            size_bytes=len(data),
            inputs=(runtime.input_spec,),
            outputs=(runtime.output_spec,),
            stage="quantize",
            parent=pruned.model.sha256,
        ),
        history=made.history,
        evaluation=evaluation,
        drop=drop,
        parity=() if made.fake_quantized is None else (_parity(made.fake_quantized, runtime, dataset.val),),
        float_tensors=len(float_tensors(graph)),
        sparsity=None
        if dense is None
        else sparsity_report(
            spec, load_model(run.path_of(dense)), network, trained=made.fake_quantized, data=data, inputs=inputs
        ),
        cost=tflite_cost(graph, len(data)),
    )


class _Made(NamedTuple):
    """The file, how training went, and the fake-quantized network that it was converted from, if there was one."""

    data: bytes
    history: tuple[EpochRecord, ...]
    fake_quantized: tf_keras.Model | None


def _make(
    spec: QuantizeSpec,
    network: tf_keras.Model,
    inputs: npt.NDArray[np.float32],
    fit: Fit,
    run: Workspace,
    *,
    seed: int,
    keep_zeros: bool,
) -> _Made:
    if spec.scheme == "ptq":
        run.progress.step("conversion to int8", 0, 1)
        data = post_training(network, inputs, rounding=spec.rounding, bias_correction=spec.bias_correction, seed=seed)
        return _Made(data, (), None)
    run.progress.step("calibration of ranges", 0, spec.fit.epochs + 1)
    quantized = quantization_aware(network, inputs, Preprocessing())
    history = fit(quantized, spec.fit, teacher=network, keep_zeros=keep_zeros)
    run.progress.step("conversion to int8", spec.fit.epochs, spec.fit.epochs + 1)
    return _Made(to_tflite(quantized, int8=True), history, quantized)


def _parity(fake_quantized: tf_keras.Model, runtime: LitertRuntime, images: ImageSet) -> AnyParity:
    """Returns how far the file is from the network that was trained, on the codes of val's images."""
    inputs, output = Preprocessing().apply(images.images), runtime.output_spec
    scale, zero_point = output.scale or 1.0, output.zero_point or 0  # int8, as the file was made
    return compare(
        runtime.run_int8(runtime.quantize_input(inputs)),
        quantize_values(KerasRuntime(fake_quantized).run(inputs), scale, zero_point),
        names=(runtime.name, "keras fake quantization"),
        unit="lsb",
        task=images.task,
        scale=scale,
        zero_point=zero_point,
        truth=images.labels,
    )


def _drop(before: Evaluations, after: Evaluations, allowed: float) -> float:
    """Returns how much of the primary score on val int8 loses; negative where it gains.

    Raises:
        GateError: more than `allowed`.
    """
    name, was, now = after.val.metrics.heading, before.val.metrics.primary, after.val.metrics.primary
    if was is None or now is None:
        raise GateError(f"quantize: {name} on val is undefined, because the labels of val are all alike")
    if was - now > allowed:
        raise GateError(
            f"quantize: int8 scores {now:.4f} {name} on val, float {was:.4f}: a drop of {was - now:.4f}, "
            f"allowed {allowed:g} (quantize.max_drop); train longer with quantize.fit.epochs, or remove fewer channels"
        )
    return was - now
