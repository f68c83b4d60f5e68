"""The fifth stage: four files, each compared with what it was made from."""

import numpy as np
import pytest
import tf_keras
from stagecontexts import stage_context

from edge_nas.core.config import BudgetSpec, ExportSpec, PruneSpec, QuantizeSpec
from edge_nas.core.hashing import sha256_file
from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.errors import GateError
from edge_nas.exporting import files
from edge_nas.models.artifacts import store_network
from edge_nas.quantization.ptq import post_training
from edge_nas.results.artifacts import Cost, ModelArtifact
from edge_nas.runtimes import tflm
from edge_nas.runtimes.litert import LitertRuntime
from edge_nas.runtimes.onnxruntime import OnnxRuntime
from edge_nas.stages.export import export


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    generator = np.random.default_rng(0)

    def split(count: int) -> ImageSet:
        images = generator.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
        masks = generator.integers(0, 2, (count, 8, 8), dtype=np.uint8)
        return ImageSet(images, masks, tuple(f"{i}.png" for i in range(count)))

    return Dataset(train=split(4), val=split(6), test=split(5))


@pytest.fixture
def exported(tiny_models, dataset, desk, sample_outputs, tmp_path):
    """Runs the stage for a Keras network and the tiny int8 file."""

    def run(network, file=tiny_models.int8_tflite, **settings):
        before = desk("04_quantize")
        model = store_network(network, "pruned.npz", stage="prune", run=desk("03_prune"))
        (before.folder / "model_int8.tflite").write_bytes(file.read_bytes())
        whole = Cost(macs=1, params=1, peak_ram_bytes=196_608)
        plan = sample_outputs.prune.plan.model_copy(update={"before": whole})
        runtime = LitertRuntime(file, reference=True)
        int8 = ModelArtifact(
            path="04_quantize/model_int8.tflite", format="tflite", sha256=sha256_file(file),
            size_bytes=file.stat().st_size, inputs=(runtime.input_spec,),
            outputs=(runtime.output_spec,), stage="quantize",
        )  # fmt: skip
        pruned = sample_outputs.prune.model_copy(update={"model": model, "plan": plan})
        quantized = sample_outputs.quantize.model_copy(update={"model": int8})
        context = stage_context("export", tmp_path, pruned, quantized, dataset=dataset, **settings)
        return export(context), context, model, int8

    return run


def test_four_files_are_shipped_with_their_origin_and_their_scores(exported, tiny_models) -> None:
    output, context, model, int8 = exported(tiny_models.keras)
    assert set(output.artifacts) == {"model.tflite", "model_float.tflite", "model.onnx", "model_int8.onnx"}
    for name, artifact in output.artifacts.items():
        path = context.folder / name
        assert (artifact.sha256, artifact.size_bytes) == (sha256_file(path), path.stat().st_size)
        assert artifact.path == context.published[name] == f"artifacts/{name}"
        assert artifact.format == name.rsplit(".", 1)[1]
        assert artifact.parent == (int8.sha256 if name in ("model.tflite", "model_int8.onnx") else model.sha256)
        assert output.evaluations[name].split == "test"
    assert (context.folder / "model.tflite").read_bytes() == tiny_models.int8_tflite.read_bytes()
    ends = {
        (a.inputs[0].dtype, a.outputs[0].dtype)
        for n, a in output.artifacts.items()
        if n in ("model.tflite", "model_int8.onnx")
    }
    assert ends == {("int8", "int8")}


def test_activations_of_sixteen_bits_have_no_qdq_file(exported, tiny_models, tmp_path) -> None:
    inputs = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 3)).astype(np.float32)
    file = tmp_path / "wide.tflite"
    file.write_bytes(post_training(tiny_models.keras, inputs, activations="int16"))
    output, *_ = exported(tiny_models.keras, file, quantize=QuantizeSpec(scheme="ptq", activations="int16"))
    assert set(output.artifacts) == {"model.tflite", "model_float.tflite", "model.onnx"}
    assert output.artifacts["model.tflite"].inputs[0].dtype == "int16"
    exact = {report.candidate: report.exact_share for report in output.parity if report.unit == "lsb"}
    assert exact["numpy (model.tflite)"] == 1.0


def test_float_files_equal_keras_and_int8_files_are_compared_with_the_reference(exported, tiny_models) -> None:
    output, *_ = exported(tiny_models.keras)
    reports = {(report.reference, report.candidate): report for report in output.parity}
    assert all(report.miou is not None for report in output.parity)
    floats = [report for report in output.parity if report.unit == "logit"]
    assert [report.reference for report in floats] == ["keras", "keras"]
    assert all(report.max_abs <= 1e-5 * 10 and report.within_one_share == 1.0 for report in floats)
    codes = [report for report in output.parity if report.unit == "lsb"]
    assert all(report.inputs == 6 and report.max_abs <= 3 for report in codes)
    exact = {report.candidate: report.exact_share for report in codes}
    assert exact["numpy (model.tflite)"] == 1.0
    if tflm.installed():
        assert exact["tflite-micro (model.tflite)"] == 1.0
    assert len(reports) == 6 + tflm.installed()
    assert any("(model_int8.onnx)" in report.candidate for report in codes)


@pytest.mark.parametrize("name", ["model_float.tflite", "model.onnx"])
def test_the_gate_holds_back_a_file_of_another_network(name: str, exported, tiny_models, monkeypatch) -> None:
    other = tf_keras.models.clone_model(tiny_models.keras)
    other.set_weights([weight * 1.01 for weight in tiny_models.keras.get_weights()])
    if name.endswith("tflite"):
        monkeypatch.setattr(files, "to_tflite", lambda *_args, **_settings: tiny_models.float_tflite.read_bytes())
    else:
        monkeypatch.setattr(
            files,
            "float_onnx",
            lambda _, path, **_settings: path.write_bytes(tiny_models.float_onnx.read_bytes()),
        )
    with pytest.raises(GateError, match=rf"export: {name} differs from Keras by \S+, allowed \S+"):
        exported(other)


def test_files_of_any_batch_are_shipped_where_asked_for(exported, tiny_models, tiny_inputs) -> None:
    _, context, *_ = exported(tiny_models.keras, export=ExportSpec(onnx_batch="dynamic"))
    for name in ("model.onnx", "model_int8.onnx"):
        runtime = OnnxRuntime(context.folder / name)
        stored = runtime.quantize_input(tiny_inputs) if runtime.is_int8 else tiny_inputs
        assert len(runtime.run_together(stored)) == len(tiny_inputs) == 5


def test_the_gate_holds_back_a_file_of_batch_one_where_any_is_asked_for(exported, tiny_models, monkeypatch) -> None:
    monkeypatch.setattr(
        files, "qdq_onnx", lambda _, path, **_settings: path.write_bytes(tiny_models.int8_onnx.read_bytes())
    )
    with pytest.raises(GateError, match=r"export: model_int8\.onnx does not take 3 samples at a time"):
        exported(tiny_models.keras, export=ExportSpec(onnx_batch="dynamic"))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (
            {"flash_bytes": 10_239},
            r"prune.budget.flash_bytes is 10239, and the int8 file is of 10,240 bytes; allowed: ",
        ),
        ({"peak_ram_bytes": 40_000}, r"peak tensors alive of 49,152 bytes; allowed: 40,000. Set .* to 3.255e\+04 or"),
        ({"peak_ram_bytes": 0.2}, r"prune.budget.peak_ram_bytes is 0.2, and .* 49,152 bytes; allowed: 39,322"),
    ],
)
def test_an_int8_file_above_the_budget_is_not_shipped(limits, message: str, exported, tiny_models) -> None:
    with pytest.raises(GateError, match=message):
        exported(tiny_models.keras, prune=PruneSpec(budget=BudgetSpec(**limits)))


def test_an_int8_file_within_the_budget_is_shipped(exported, tiny_models) -> None:
    budget = BudgetSpec(flash_bytes=10_240, peak_ram_bytes=49_152, macs=1.5)
    assert exported(tiny_models.keras, prune=PruneSpec(budget=budget))[0].artifacts
