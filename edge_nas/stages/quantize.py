"""Stage 4: the int8 file, by quantization-aware training from calibrated ranges, or from ranges alone."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edge_nas.core.atomic import write_bytes
from edge_nas.core.hashing import sha256_bytes
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.errors import GateError
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.fidelity import Int8Fidelity
from edge_nas.results.parity import AnyParity
from edge_nas.results.prune import PruneOutput
from edge_nas.results.quantize import QuantizeOutput, SparsityReport
from edge_nas.results.scores import Evaluations
from edge_nas.stages.contract import Stage, StageContext

if TYPE_CHECKING:
    import tf_keras

    from edge_nas.data.dataset import ImageSet
    from edge_nas.quantization.conversion import Converted
    from edge_nas.runtimes.litert import LitertRuntime

FILE = "model_int8.tflite"


def quantize(context: StageContext) -> QuantizeOutput:
    """Returns the int8 file `model_int8.tflite`, evaluated on the reference kernels.

    Raises:
        GateError: a float tensor is left in the file, int8 loses more of the primary score on val than
            `quantize.max_drop`, or the converter changed weights that were chosen.
        GraphError: a layer that TFMOT or the converter cannot quantize.
    """
    load_tensorflow()
    from edge_nas.evaluation.evaluate import evaluate
    from edge_nas.int8.cost import tflite_cost
    from edge_nas.int8.graph import float_tensors
    from edge_nas.models.files import load_model
    from edge_nas.quantization.ptq import int8_graph
    from edge_nas.runtimes.litert import LitertRuntime

    config, dataset, pruned = context.config, context.dataset, context.output(PruneOutput)
    network = load_model(context.path_of(pruned.model))
    inputs = dataset.calibration(config.data.calibration_images, config.seed)
    converted = _convert(network, inputs, context, keep_zeros=pruned.zero_share is not None)
    write_bytes(context.folder / FILE, converted.data)
    graph = int8_graph(converted.data, FILE, network)
    runtime = LitertRuntime(converted.data, reference=True)
    evaluation = evaluate(runtime.run, dataset)
    drop = _drop(pruned.pruned, evaluation, config.quantize.max_drop)
    return QuantizeOutput(
        model=_artifact(runtime, converted.data, pruned.model, context),
        history=converted.history,
        evaluation=evaluation,
        drop=drop,
        parity=() if converted.fake_quantized is None else (_parity(converted.fake_quantized, runtime, dataset.val),),
        float_tensors=len(float_tensors(graph)),
        sparsity=_sparsity(pruned, network, converted, inputs, context),
        fidelity=_fidelity(network, converted, dataset.val),
        cost=tflite_cost(graph, len(converted.data)),
    )


STAGE = Stage(
    name="quantize",
    number=4,
    function=quantize,
    output=QuantizeOutput,
    reads=("seed", "data.calibration_images", "augmentation", "quantize"),
    needs=("prune",),
)


def _convert(
    network: "tf_keras.Model", inputs: npt.NDArray[np.float32], context: StageContext, *, keep_zeros: bool
) -> "Converted":
    """Returns the int8 file by the scheme that is asked for."""
    from edge_nas.quantization.conversion import convert

    return convert(
        network,
        context.config.quantize,
        inputs,
        input_range=context.dataset.format.input_range,
        seed=context.config.seed,
        fit=context.fit,
        tick=context.progress.tick,
        keep_zeros=keep_zeros,
    )


def _artifact(runtime: "LitertRuntime", data: bytes, parent: ModelArtifact, context: StageContext) -> ModelArtifact:
    return ModelArtifact(
        path=context.in_run(FILE),
        format="tflite",
        sha256=sha256_bytes(data),
        size_bytes=len(data),
        inputs=(runtime.input_spec,),
        outputs=(runtime.output_spec,),
        stage="quantize",
        parent=parent.sha256,
    )


def _parity(fake_quantized: "tf_keras.Model", runtime: "LitertRuntime", images: "ImageSet") -> AnyParity:
    """Returns how far the file is from the network that was trained, on the codes of val's images."""
    from edge_nas.evaluation.parity import compare
    from edge_nas.int8.arithmetic import quantize as quantize_values
    from edge_nas.runtimes.keras import KerasRuntime

    inputs, output = images.inputs(), runtime.output_spec
    scale, zero_point = output.scale or 1.0, output.zero_point or 0  # int8, as the file was made
    return compare(
        runtime.run_stored(runtime.quantize_input(inputs)),
        quantize_values(KerasRuntime(fake_quantized).run(inputs), scale, zero_point),
        names=(runtime.name, "keras fake quantization"),
        unit="lsb",
        task=images.task,
        scale=scale,
        zero_point=zero_point,
        truth=images.labels,
    )


def _fidelity(network: "tf_keras.Model", converted: "Converted", images: "ImageSet") -> Int8Fidelity | None:
    """Returns how near each tensor is to float, apart from what training has changed; None where that is not known."""
    from edge_nas.quantization.fidelity import tensor_fidelity
    from edge_nas.quantization.qat import without_fake_quantization
    from edge_nas.runtimes.referenceprocess import reference_outputs

    compared = network
    if converted.fake_quantized is not None:
        compared = without_fake_quantization(network, converted.fake_quantized)
    # In this process, where the file has run for its score.
    return (
        None
        if compared is None
        else tensor_fidelity(compared, converted.data, images.inputs(), partial(reference_outputs, apart=True))
    )


def _sparsity(
    pruned: PruneOutput,
    network: "tf_keras.Model",
    converted: "Converted",
    inputs: npt.NDArray[np.float32],
    context: StageContext,
) -> SparsityReport | None:
    """Returns where the zeros are, beside the network before its weights were zeroed; None where none were."""
    from edge_nas.models.files import load_model
    from edge_nas.quantization.sparsity import sparsity_report

    if pruned.dense_model is None:
        return None
    dense = load_model(context.path_of(pruned.dense_model))
    return sparsity_report(
        context.config.quantize,
        dense,
        network,
        trained=converted.fake_quantized,
        data=converted.data,
        inputs=inputs,
        input_range=context.dataset.format.input_range,
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
