"""The fourth stage: an int8 file, its gates, and zeros that survive."""

import numpy as np
import pytest
import tf_keras
from stagecontexts import stage_context, written

from edge_nas.core.config import AugmentationSpec, FitSpec, QuantizeSpec
from edge_nas.errors import GateError
from edge_nas.evaluation.evaluate import evaluate
from edge_nas.models.artifacts import store_network
from edge_nas.quantization.sparsity import int8_kernels
from edge_nas.results.scores import EvaluationReport, Evaluations, Metrics
from edge_nas.runs.progress import Silent
from edge_nas.runtimes.keras import KerasRuntime
from edge_nas.runtimes.litert import LitertRuntime
from edge_nas.stages.quantize import _drop, quantize

L = tf_keras.layers


@pytest.fixture(scope="module")
def network(easy_dataset):
    from edge_nas.training import fit

    tf_keras.utils.set_random_seed(0)
    inputs = L.Input((16, 16, 3), name="image")
    x = L.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(inputs)
    x = L.ReLU(name="relu")(L.BatchNormalization(momentum=0.8, name="bn")(x))
    model = tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x))
    fit(model, FitSpec(epochs=6, batch_size=8, learning_rate=0.03, decov_weight=0.0), easy_dataset, AugmentationSpec(),
        seed=0, progress=Silent())  # fmt: skip
    kernel = model.get_layer("stem").get_weights()[0]
    kernel[np.abs(kernel) < np.quantile(np.abs(kernel), 0.4)] = 0.0
    model.get_layer("stem").set_weights([kernel])
    return model


@pytest.fixture
def quantized(network, easy_dataset, desk, sample_outputs, tmp_path):
    def run(spec: QuantizeSpec, zero_share: float | None = None, miou: float | None = None, dense=None, worse=None):
        model = store_network(network if worse is None else worse, "pruned.npz", stage="prune", run=desk("03_prune"))
        scores = evaluate(KerasRuntime(network).run, easy_dataset)
        if miou is not None:
            better = scores.val.model_copy(update={"metrics": scores.val.metrics.model_copy(update={"miou": miou})})
            scores = scores.model_copy(update={"val": better})
        before = store_network(dense, "dense.npz", stage="prune", run=desk("03_prune")) if dense else None
        update = {"model": model, "pruned": scores, "zero_share": zero_share, "dense_model": before}
        pruned = sample_outputs.prune.model_copy(update=update)
        context = stage_context("quantize", tmp_path, pruned, dataset=easy_dataset, quantize=spec)
        return quantize(context), context

    return run


SPEC = QuantizeSpec(fit=FitSpec(epochs=2, batch_size=8, learning_rate=1e-3, decov_weight=0.0, distillation_weight=0.5),
                    max_drop=0.1)  # fmt: skip
INSIDE = [("relu", "CONV_2D"), ("logit", "CONV_2D")]


@pytest.fixture
def dense(network):
    """The network with nothing zeroed."""
    twin = tf_keras.models.clone_model(network)
    twin.set_weights([np.where(weight == 0, 0.05, weight).astype(np.float32) for weight in network.get_weights()])
    return twin


def test_zeros_survive_into_the_int8_constants(quantized, network, dense) -> None:
    output, place = quantized(SPEC, zero_share=0.4, dense=dense)
    stem = network.get_layer("stem").get_weights()[0].transpose(3, 0, 1, 2)
    codes = int8_kernels(written(place, output.model).read_bytes())
    (held,) = [kernel for kernel in codes if kernel.shape == stem.shape]
    assert np.sum(stem == 0) == 43
    assert np.all(held[stem == 0] == 0)
    was, now = output.sparsity.dense, output.sparsity.sparse
    assert (was.float_zeros, was.trained_zeros) == (0.0, None)
    assert now.float_zeros == 43 / (108 + 4)
    assert 1.0 > now.int8_zeros >= now.trained_zeros >= now.float_zeros
    assert was.int8_zeros < 0.2
    assert now.file_bytes == output.model.size_bytes
    assert now.gzip_bytes < was.gzip_bytes < was.file_bytes


def test_nothing_zeroed_nothing_reported(quantized) -> None:
    output, place = quantized(SPEC)
    assert output.sparsity is None
    assert len(output.history) == 2
    (parity,) = output.parity
    assert (parity.candidate, parity.unit) == ("keras fake quantization", "lsb")
    assert parity.mean_abs < 2.0
    assert parity.miou is not None
    assert output.float_tensors == 0
    assert output.cost.flash_bytes == output.model.size_bytes == (place.folder / "model_int8.tflite").stat().st_size
    assert output.model.inputs[0].scale == pytest.approx(2 / 255, rel=1e-6)
    runtime = LitertRuntime(written(place, output.model), reference=True)
    assert runtime.output_spec == output.model.outputs[0]
    # Beside the weights that training ended with, not those it began with.
    assert [(tensor.name, tensor.operator) for tensor in output.fidelity.tensors] == INSIDE
    assert all(0.0 < tensor.error < 0.1 for tensor in output.fidelity.tensors)


def test_the_gate_holds_back_what_loses_too_much(quantized, network) -> None:
    worse = tf_keras.models.clone_model(network)
    worse.set_weights(network.get_weights())
    kernel, bias = worse.get_layer("logit").get_weights()
    worse.get_layer("logit").set_weights([kernel, bias + 3.0])  # more foreground than there is
    none = SPEC.model_copy(update={"fit": SPEC.fit.model_copy(update={"epochs": 0}), "max_drop": 0.0})
    with pytest.raises(
        GateError, match=r"quantize: int8 scores 0\.\d+ mIoU on val, float 1\.0000: a drop of .*max_drop"
    ):
        quantized(none, miou=1.0, worse=worse)


def evaluations(miou: float | None) -> Evaluations:
    metrics = Metrics(miou=miou, foreground_iou=miou, background_iou=miou, f1=miou)
    counts = {"true_positive": 1, "false_positive": 1, "false_negative": 1, "true_negative": 1}
    report = EvaluationReport(split="val", images=1, metrics=metrics, split_sha256="0" * 64, **counts)
    return Evaluations(val=report, reported=report)


def test_the_drop_is_what_val_loses() -> None:
    assert _drop(evaluations(0.9), evaluations(0.895), 0.01) == pytest.approx(0.005)
    assert _drop(evaluations(0.9), evaluations(0.95), 0.01) == pytest.approx(-0.05)
    with pytest.raises(GateError, match=r"a drop of 0\.0200, allowed 0\.01"):
        _drop(evaluations(0.9), evaluations(0.88), 0.01)
    with pytest.raises(GateError, match="undefined"):
        _drop(evaluations(None), evaluations(0.9), 0.01)


def test_activations_of_sixteen_bits_lose_nothing(quantized) -> None:
    output, _ = quantized(QuantizeSpec(scheme="ptq", activations="int16", max_drop=0.001))
    (taken,), (given,) = output.model.inputs, output.model.outputs
    assert (taken.dtype, taken.zero_point, given.dtype, given.zero_point) == ("int16", 0, "int16", 0)
    assert [tensor.name for tensor in output.fidelity.tensors] == ["relu", "logit"]
    assert all(0.0 < tensor.error < 0.01 for tensor in output.fidelity.tensors)
    assert output.drop == pytest.approx(0.0, abs=0.001)
    assert output.float_tensors == 0


def test_ptq_needs_no_training(quantized) -> None:
    output, place = quantized(QuantizeSpec(scheme="ptq", max_drop=0.1, rounding="covariance", bias_correction=True))
    assert output.history == output.parity == ()
    assert output.drop <= 0.1
    assert output.float_tensors == 0
    assert (place.folder / "model_int8.tflite").is_file()
    assert [(tensor.name, tensor.operator) for tensor in output.fidelity.tensors] == INSIDE
    assert all(0.0 < tensor.error < 0.1 for tensor in output.fidelity.tensors)
