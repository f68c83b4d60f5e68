"""One tiny network in every format, made once per test session, and random weights."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comparedruns import write_run
from sampleoutputs import SampleOutputs
from stagecontexts import Listener

TINY_SHAPE = (8, 8, 3)


@dataclass(frozen=True)
class TinyModels:
    """A strided convolution, a depthwise one, an up-sampling and a logit, with fixed random weights.

    MACs 1728 + 576 + 256 = 2560. Parameters: 112 + 40 + 5 = 157 with BatchNorm folded, 169 in Keras. Peak RAM in int8:
    256 bytes of up-sampled map beside 64 bytes before or after it.
    """

    keras: Any
    float_tflite: Path
    int8_tflite: Path
    float_onnx: Path
    int8_onnx: Path


@pytest.fixture
def make_run(tmp_path: Path, sample_outputs: SampleOutputs) -> Callable[..., Path]:
    """make_run("a", left_out=..., sram_bytes=...): see `comparedruns.write_run`."""
    return lambda name, **facts: write_run(tmp_path / name, sample_outputs, **facts)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    import tensorflow as tf
    import tf2onnx
    import tf_keras

    folder = tmp_path_factory.mktemp("tiny")
    layers = tf_keras.layers
    inputs = layers.Input(TINY_SHAPE)
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="stem")(inputs)
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="spatial")(x)
    x = layers.ReLU(name="relu")(layers.BatchNormalization(name="norm")(x))
    x = layers.UpSampling2D(name="up")(x)
    model = tf_keras.Model(inputs, layers.Conv2D(1, 1, name="logit")(x), name="tiny")
    generator = np.random.default_rng(0)
    # Vectors (biases, BatchNorm) stay positive, variances must; kernels have both signs.
    model.set_weights([generator.uniform(0.1, 1.0, w.shape) - 0.3 * (w.ndim > 1) for w in model.get_weights()])

    function = tf.function(lambda x: model(x, training=False)).get_concrete_function(
        tf.TensorSpec((1, *TINY_SHAPE), tf.float32, name="image")
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], model)
    (folder / "float.tflite").write_bytes(converter.convert())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], model)  # one converts only once
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [generator.uniform(-1, 1, (1, *TINY_SHAPE)).astype(np.float32)] for _ in range(20)
    )
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    (folder / "int8.tflite").write_bytes(converter.convert())
    signature = (tf.TensorSpec((1, *TINY_SHAPE), tf.float32, name="image"),)
    tf2onnx.convert.from_keras(model, signature, opset=17, output_path=str(folder / "float.onnx"))
    tf2onnx.convert.from_tflite(str(folder / "int8.tflite"), opset=17, output_path=str(folder / "int8.onnx"))
    return TinyModels(
        model, folder / "float.tflite", folder / "int8.tflite", folder / "float.onnx", folder / "int8.onnx"
    )


@pytest.fixture(scope="session")
def tiny_inputs() -> np.ndarray:
    """Five inputs of the tiny network, float32 in [-1, 1]."""
    return np.random.default_rng(1).uniform(-1.0, 1.0, (5, *TINY_SHAPE)).astype(np.float32)


@pytest.fixture(scope="session")
def randomized() -> Callable[..., Any]:
    """Gives a network random weights of both signs; BatchNorm means and shifts are not zero, variances positive.

    With zero means a removed channel could be silently zero, and wrong surgery would go unnoticed.
    """

    def draw(model: Any, seed: int = 0) -> Any:
        generator = np.random.default_rng(seed)
        for layer in model.layers:
            fans = [max(1, int(np.prod(w.shape[:-1]))) for w in layer.get_weights()]
            values = [
                generator.normal(0.3, 1.0, w.shape) / f**0.5 for w, f in zip(layer.get_weights(), fans, strict=True)
            ]
            if hasattr(layer, "moving_variance"):
                values = [generator.uniform(0.5, 1.5, value.shape) for value in values]
                values[-2] -= 1.0  # the moving mean
            if values:
                layer.set_weights(values)
        return model

    return draw


@pytest.fixture(scope="session")
def easy_dataset() -> Any:
    """24 training and 8 validation images of 16x16: noise, with a brighter box that the mask marks."""
    from edge_nas.data.dataset import Dataset, ImageSet

    generator = np.random.default_rng(2)

    def split(count: int) -> ImageSet:
        images = generator.integers(0, 120, (count, 16, 16, 3), dtype=np.uint8)
        masks = np.zeros((count, 16, 16), np.uint8)
        for image, mask in zip(images, masks, strict=True):
            top, left = generator.integers(0, 8, 2)
            box = (slice(top, top + 8), slice(left, left + 8))
            image[box] += 130
            mask[box] = 1
        return ImageSet(images, masks, tuple(f"{i}.png" for i in range(count)))

    return Dataset(train=split(24), val=split(8))


@dataclass(frozen=True)
class Desk:
    """A Workspace of one stage in a folder of its own; what it is told is kept."""

    root: Path
    name: str
    progress: Any
    published: dict[str, str]

    @property
    def folder(self) -> Path:
        return self.root / self.name

    def interim(self) -> Path:
        place = self.root / f".{self.name}.interim"
        place.mkdir(exist_ok=True)
        return place

    def path_of(self, artifact: Any) -> Path:
        return self.root / str(artifact.path)

    def in_run(self, name: str) -> str:
        return f"{self.name}/{name}"

    def publish(self, name: str, path: str) -> str:
        self.published[name] = path
        return path


@pytest.fixture
def desk(tmp_path: Path) -> Callable[[str], Desk]:
    """Makes the workspace of a stage, such as desk("03_prune"); all of a test share one run folder."""

    def make(name: str) -> Desk:
        (tmp_path / name).mkdir(exist_ok=True)
        return Desk(tmp_path, name, Listener(), {})

    return make


@dataclass(frozen=True)
class Verified:
    """The tiny network, its C, and a report on it as if a Cortex-M4 had been emulated."""

    data: bytes
    compiled: Any
    report: Any


@pytest.fixture(scope="session")
def verified(tiny_models: Any) -> Verified:
    from edge_nas.codegen import compile_tflite
    from edge_nas.results.costs import Pace
    from edge_nas.results.verify import CoreReport, ProgramReport, VerificationReport

    data = tiny_models.int8_tflite.read_bytes()
    compiled = compile_tflite(data)
    cores = {
        "cortex-m4": CoreReport(
            bytes_equal=True,
            inputs=10,
            instructions=60_000,
            instructions_min=59_000,
            flash_bytes=4000,
            ram_bytes=1000,
            stack_bytes=200,
            arena_bytes=900,
            pace=Pace(cycles_per_instruction=1.5, flash_bytes_per_instruction=0.5),
            tools={},
        ),
        "cortex-m7": CoreReport(bytes_equal=None, inputs=0, skipped="qemu-system-arm is missing"),
    }
    programs = (
        ProgramReport(name="numpy interpreter", inputs=50),
        ProgramReport(name="tflite-micro", inputs=0, skipped="not installed"),
        ProgramReport(name="another one", inputs=50, equal_share=0.75, max_difference=1),
    )
    return Verified(
        data, compiled, VerificationReport(model_sha256=compiled.model_sha256, programs=programs, cores=cores)
    )


@pytest.fixture(scope="session")
def small_model() -> Path:
    """A folder of C with the interface of generated code: it adds one to each of 12 bytes, see the files."""
    return Path(__file__).parent / "small_model"


@pytest.fixture(scope="session")
def host_gcc() -> None:
    """Asked for by tests that compile for this machine; they skip where gcc is missing."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed: apt-get install gcc libc6-dev")
