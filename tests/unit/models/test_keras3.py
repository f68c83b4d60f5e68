"""Networks of Keras 3 as tf_keras networks: the same outputs, names and weights, or a refusal that names the layer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tf_keras
from kerasfiles import save

from edge_nas.errors import ArtifactError, GraphError, ModelWarning
from edge_nas.graph.flatten import flatten
from edge_nas.models import keras3
from edge_nas.models.allowlist import CLASSES
from edge_nas.models.keras3 import convert
from edge_nas.models.keras3operations import OPERATIONS
from edge_nas.models.kerasfiles import load_keras_file

L, ops = keras.layers, keras.ops


class Block(L.Layer):
    """Holds other layers."""

    def __init__(self, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width = width
        self.conv = L.Conv2D(width, 3, padding="same", name="conv")
        self.norm = L.BatchNormalization(name="norm")

    def call(self, x: Any, training: bool | None = None) -> Any:
        return ops.relu(self.norm(self.conv(x), training=training))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "width": self.width}


class Net(keras.Model):
    """A subclassed network."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.blocks = [Block(4), Block(3)]
        self.logit = L.Conv2D(1, 1)

    def call(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return self.logit(x) + ops.mean(x, axis=(1, 2), keepdims=True)[..., :1] * 2.0


class Own(L.Layer):
    """A leaf with a weight of its own."""

    def build(self, shape: Any) -> None:
        self.factor = self.add_weight(shape=(shape[-1],))

    def call(self, x: Any) -> Any:
        return x * self.factor


def built(model: Any) -> Any:
    model(np.zeros((1, 16, 16, 3), np.float32))
    return model


def layers() -> Any:
    """More than twelve kinds of layers of a segmentation network."""
    inputs = L.Input((16, 16, 3), name="image")
    x = L.Rescaling(2.0, -1.0)(inputs)
    x = L.Conv2D(8, 3, padding="same", use_bias=False, kernel_regularizer="l2")(x)
    skip = x = L.ReLU(max_value=6.0)(L.BatchNormalization()(x))
    x = L.LeakyReLU(negative_slope=0.1)(L.DepthwiseConv2D(3, strides=2, padding="same")(x))
    x = L.SeparableConv2D(8, 3, padding="same", activation="swish")(L.MaxPooling2D()(x))
    x = L.UpSampling2D(interpolation="bilinear")(L.Conv2DTranspose(8, 3, strides=2, padding="same")(x))
    x = L.Concatenate()([L.PReLU(shared_axes=[1, 2])(x), skip])
    x = L.Cropping2D(1)(L.ZeroPadding2D(1)(L.SpatialDropout2D(0.2)(x)))
    gate = L.Dense(16, activation="sigmoid")(L.GlobalAveragePooling2D(keepdims=True)(x))
    x = L.Add()([L.Multiply()([x, gate]), x])
    x = L.Resizing(16, 16)(L.AveragePooling2D(2)(L.LayerNormalization(axis=[2, 3])(L.LayerNormalization()(x))))
    return keras.Model(inputs, L.Conv2D(1, 1, name="logit")(L.GroupNormalization(4)(x)), name="net")


def operations() -> Any:
    """Operations that are converted; the others are in `further_operations`."""
    inputs = L.Input((16, 16, 3))
    x = L.Conv2D(4, 3, padding="same")(ops.convert_to_tensor(inputs))
    x = ops.relu(x) - ops.relu6(x) * 0.5 + ops.sigmoid(x) * ops.tanh(x)
    xs = [x, ops.abs(ops.leaky_relu(x)), ops.silu(x), ops.softplus(x), ops.hard_sigmoid(x), ops.elu(x), ops.selu(x)]
    xs += [ops.softsign(x), ops.log(ops.exp(x)), ops.negative(ops.sqrt(ops.absolute(x) + 1.0))]
    x = ops.concatenate(xs, axis=-1)
    x = ops.divide(ops.maximum(x, ops.square(x)), 2.0) / 3.0
    x = ops.minimum(ops.pad(x, [[0, 0], [1, 1], [0, 0], [0, 0]])[:, 1:-1], ops.stop_gradient(ops.cast(x, "float32")))
    pooled = ops.mean(x, axis=(1, 2)) + ops.max(x, axis=(1, 2)) + ops.max(ops.mean(x, axis=1), axis=1)
    row = ops.squeeze(ops.transpose(ops.expand_dims(pooled, 1), (0, 2, 1)), -1)
    return keras.Model(inputs, ops.softmax(ops.reshape(row, (-1, 8, 5))))


def further_operations() -> Any:
    """Those of one tensor in front, then comparisons, reductions, and what changes shapes."""
    inputs = L.Input((16, 16, 3))
    x = L.Conv2D(4, 3, padding="same")(inputs)
    xs = [ops.hard_silu(x), ops.hard_tanh(x), ops.gelu(x), ops.gelu(x, approximate=False), ops.log_sigmoid(x)]
    xs += [ops.log_softmax(x), ops.sin(x), ops.cos(x), ops.tan(x * 0.1), ops.erf(x), ops.expm1(x), ops.sign(x)]
    xs += [ops.log1p(ops.exp(x)), ops.floor(x), ops.ceil(x), ops.round(x), ops.reciprocal(ops.exp(x))]
    xs += [ops.rsqrt(ops.exp(x)), ops.clip(x, -0.5, 0.5), ops.power(ops.exp(x), 1.5), ops.mod(x, 0.7)]
    inside = ops.logical_and(ops.greater(x, 0.0), ops.less(x, 1.0))
    outside = ops.logical_or(ops.logical_not(ops.greater_equal(x, -1.0)), ops.less_equal(x, -2.0))
    same = ops.logical_and(ops.equal(x, x), ops.not_equal(x, 7.0))
    xs += [ops.where(ops.logical_or(inside, outside), x, x * 3.0), ops.where(same, x, x * 2.0)]
    xs += [ops.cumsum(x, axis=1), ops.flip(x, axis=1), ops.swapaxes(x, 1, 2), ops.tile(x[..., :1], (1, 1, 4))]
    xs += [ops.repeat(x[..., :2], 2, axis=-1), *ops.split(ops.concatenate([x, x], axis=-1), 2, axis=-1)]
    xs += [ops.image.resize(ops.average_pool(x, 2), (16, 16)), ops.image.resize(ops.max_pool(x, 2), (16, 16))]
    xs += [ops.depth_to_space(ops.space_to_depth(x, 2), 2)]
    reductions = (ops.sum, ops.min, ops.amin, ops.amax, ops.var, ops.std, ops.prod, ops.logsumexp)
    xs += [reduce(x, axis=1, keepdims=True) + x for reduce in reductions]
    x = ops.max(ops.stack(xs, axis=1), axis=1)
    rows = ops.reshape(x, (-1, 256, 4))
    gram = ops.matmul(ops.transpose(rows, (0, 2, 1)), rows)
    return keras.Model(inputs, ops.concatenate([gram, ops.einsum("bnc,bnd->bdc", rows, rows)], axis=-1))


def mobile() -> Any:
    """Activations that tf_keras lacks, or has another function for, inside of layers and alone."""
    inputs = L.Input((16, 16, 3))
    x = L.Conv2D(4, 3, padding="same", activation="hard_silu")(inputs)
    x = L.Activation("hard_silu")(L.DepthwiseConv2D(3, activation="relu6")(x))
    x = L.Multiply()([x, L.Dense(4, activation="hard_sigmoid")(x)])
    return keras.Model(inputs, L.Activation("log_softmax")(L.Dense(3, activation="leaky_relu")(x)))


def convnext() -> Any:
    from keras.src.applications.convnext import ConvNeXtBlock

    inputs = L.Input((16, 16, 3))
    x = L.LayerNormalization()(L.Conv2D(8, 4, 4)(inputs))
    return keras.Model(inputs, ConvNeXtBlock(8, 0.1, 0.5, name="block")(x))


def augmented() -> Any:
    layers = [L.RandomFlip(), L.RandomRotation(0.1), L.RandomZoom(0.2), L.RandomBrightness(0.1), L.Conv2D(2, 3)]
    return keras.Sequential([L.Input((16, 16, 3)), *layers])


def sequential() -> Any:
    return keras.Sequential([L.Input((16, 16, 3)), L.Conv2D(4, 3), L.ELU(), L.Flatten(), L.Dropout(0.5), L.Dense(3)])


def nested() -> Any:
    inputs = L.Input((16, 16, 3))
    encoder = keras.Sequential([L.Conv2D(3, 3, padding="same"), L.ReLU()], name="encoder")
    return keras.Model(inputs, layers()(encoder(encoder(inputs))))


def several() -> Any:
    first, second = L.Input((16, 16, 3)), L.Input((16, 16, 3))
    shared = L.Conv2D(2, 3)
    return keras.Model([first, second], {"a": shared(first), "b": L.Subtract()([shared(second), shared(first)])})


def recurrent() -> Any:
    inputs = L.Input((16, 16, 3))
    x = L.Bidirectional(L.GRU(3, return_sequences=True))(L.Reshape((16, 48))(inputs))
    return keras.Model(inputs, L.TimeDistributed(L.Dense(2))(x))


def attention() -> Any:
    inputs = L.Input((16, 16, 3))
    rows = L.Reshape((16, 48))(inputs)
    x = L.MultiHeadAttention(2, 5, value_dim=3)(L.Dense(8)(rows), rows)
    heads = L.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de")(x)
    return keras.Model(inputs, L.EinsumDense("abde,dec->abc", (None, 4))(heads))


GOOD: dict[str, Callable[[], Any]] = {
    "layers": layers,
    "operations": operations,
    "further operations": further_operations,
    "mobile": mobile,
    "convnext": convnext,
    "sequential": sequential,
    "nested": nested,
    "several": several,
    "recurrent": recurrent,
    "attention": attention,
    "subclassed": lambda: built(Net()),
    "normalized": lambda: built(keras.Sequential([L.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0])])),
}


def drawn(model: Any) -> Any:
    """The model with other weights than it was born with; all positive, as variances must be."""
    generator = np.random.default_rng(0)
    model.set_weights([generator.uniform(0.1, 0.5, weight.shape) for weight in model.get_weights()])
    return model


def images(count: int = 1) -> Any:
    drawn = np.random.default_rng(1).uniform(-1, 1, (count, 2, 16, 16, 3)).astype(np.float32)
    return list(drawn) if count > 1 else drawn[0]


@pytest.mark.parametrize("case", GOOD)
def test_a_network_is_converted_with_equal_outputs(case: str) -> None:
    model = drawn(GOOD[case]())
    twin = convert(model)
    assert isinstance(twin, tf_keras.Model)
    assert twin.count_params() == model.count_params()
    sample = images(2 if case == "several" else 1)
    ours, theirs = (keras.tree.flatten(network(sample, training=False)) for network in (twin, model))
    for a, b in zip(ours, theirs, strict=True):
        expected = ops.convert_to_numpy(b)
        np.testing.assert_allclose(a.numpy(), expected, rtol=0, atol=1e-5 * float(np.abs(expected).max()))


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("case", ["layers", "operations", "nested", "convnext"])
def test_a_file_is_converted_as_well(case: str, suffix: str, tmp_path: Path) -> None:
    model = drawn(GOOD[case]())
    model.compile("adam", "mse")
    twin = load_keras_file(save(model, tmp_path / f"net{suffix}"))
    np.testing.assert_allclose(twin(images()).numpy(), model(images(), training=False).numpy(), rtol=1e-4, atol=1e-5)


def test_a_subclassed_network_in_a_file_needs_its_classes(tmp_path: Path) -> None:
    model = drawn(built(Net()))
    twin = load_keras_file(save(model, tmp_path / "net.keras"), own={"Net": Net, "Block": Block})
    np.testing.assert_allclose(twin(images()).numpy(), model(images(), training=False).numpy(), rtol=1e-4, atol=1e-5)


def test_augmentation_is_left_out_and_told() -> None:
    model = augmented()
    with pytest.warns(ModelWarning, match=r"random_flip\w* \(RandomFlip\), random_rotation.*RandomBrightness"):
        twin = convert(model)
    assert [type(layer).__name__ for layer in twin.layers] == ["InputLayer", "Conv2D"]


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_becomes_float32(policy: str) -> None:
    inputs = L.Input((16, 16, 3))
    x = L.ReLU(dtype=policy)(L.BatchNormalization(dtype=policy)(L.Conv2D(4, 3, dtype=policy)(inputs)))
    model = keras.Model(inputs, L.Dense(2, dtype=policy)(x))
    assert {layer.compute_dtype for layer in convert(model).layers} == {"float32"}


@pytest.mark.smoke
def test_what_comes_out_is_a_flat_network_of_known_layers() -> None:
    twin = convert(drawn(built(Net())))
    assert [type(layer).__name__ for layer in twin.layers if layer.weights] == [
        *("Conv2D", "BatchNormalization") * 2,
        "Conv2D",
    ]
    flat = flatten(twin)
    np.testing.assert_array_equal(flat(images()), twin(images()))


def test_names_and_regularizers_are_kept() -> None:
    twin = convert(layers())
    assert twin.name == "net"
    assert twin.input_names == ["image"]
    assert twin.layers[2].kernel_regularizer.l2 == pytest.approx(0.01)
    assert twin.get_layer("logit").filters == 1


def doubled(x: Any) -> Any:
    return x * 2.0


def wrapped(layer: Any) -> Any:
    inputs = L.Input((16, 16, 3))
    return keras.Model(inputs, layer(inputs))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: wrapped(Own(name="mine")), r"'mine' \(Own\) is a Keras 3 layer of your own"),
        (lambda: wrapped(L.RMSNormalization(name="rms")), "'rms': tf_keras has no RMSNormalization"),
        (lambda: wrapped(L.Resizing(8, 8, antialias=True, name="r")), r"'r' \(Resizing\): .* antialias=True"),
        (lambda: wrapped(lambda x: ops.sort(x, axis=1)), r"Sort\) is not converted; converted are"),
        (
            lambda: wrapped(L.Conv2D(2, 1, activation=doubled, name="own")),
            "'own' .*: activation is a function of your own",
        ),
        (Net, "the shape of its one input is unknown; call it once"),
    ],
    ids=["own layer", "unknown layer", "unknown setting", "unknown operation", "own activation", "unbuilt"],
)
def test_what_has_no_counterpart_is_named(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(GraphError, match=message):
        convert(make())


def test_a_difference_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, "Relu", lambda _operation, name, x: tf_keras.layers.ReLU(6.0, name=name)(x))
    with pytest.raises(GraphError, match="converted from Keras 3 differs by"):
        convert(wrapped(lambda x: ops.relu(x * 50.0)))


def test_a_huge_output_is_refused_before_it_is_computed() -> None:
    with pytest.raises(ArtifactError, match=r"an output of shape .* allowed"):
        convert(wrapped(L.UpSampling2D(30_000)))


def test_the_patched_call_is_put_back() -> None:
    before = keras.layers.Layer.__call__
    convert(sequential())
    assert keras.layers.Layer.__call__ is before
    assert keras3.is_keras3(sequential())
    assert not keras3.is_keras3(tf_keras.Sequential())


def test_every_operation_that_is_converted_may_stand_in_a_file_and_is_tried() -> None:
    assert set(OPERATIONS) <= CLASSES
    networks = operations(), further_operations()
    used = {type(operation).__name__ for network in networks for operation in network.operations}
    # Alike names of one operation: keras.ops has either, depending on how it is called.
    assert set(OPERATIONS) - used <= {"Abs", "TrueDivide", "Divide"}
