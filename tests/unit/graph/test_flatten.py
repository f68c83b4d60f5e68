"""Flattening: the same bits, the same weights, a model left as it was, and clear refusals."""

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.graph.cost import keras_cost
from edge_nas.graph.flatten import flatten
from edge_nas.models import BU_Net, Fast_U, Nano_U

L = tf_keras.layers
SHAPE = (8, 8, 3)


def leaves(flat) -> list[str]:
    return [type(layer).__name__ for layer in flat.layers if not isinstance(layer, L.InputLayer)]


def batch(flat, seed: int = 5):
    """Random inputs in the structure that the flat network takes."""
    generator = np.random.default_rng(seed)
    return tf.nest.map_structure(
        lambda t: tf.constant(generator.normal(size=(3, *t.shape[1:])), tf.float32), flat.input
    )


def assert_same(model, flat) -> None:
    """Bit for bit on random input, with the same parameters and no operator left that is not a layer."""
    inputs = batch(flat)
    for ours, theirs in zip(tf.nest.flatten(flat(inputs)), tf.nest.flatten(model(inputs)), strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert flat.count_params() == model.count_params()
    assert not [kind for kind in leaves(flat) if "Lambda" in kind]


@pytest.mark.parametrize(
    ("make", "params", "mmacs"),
    [
        (Nano_U, 12_920, 5.93),
        (Fast_U, 16_281, 1.41),
        (lambda: Fast_U((8, 16, 24, 32), depth=1), 5_633, 0.52),
    ],
    ids=["nano_u", "fast_u", "fast_u_small"],
)
def test_the_reference_networks_flatten_to_the_same_bits(make, params, mmacs) -> None:
    model = make()
    flat = flatten(model, (48, 64, 3))
    assert_same(model, flat)
    assert flat.output_shape == (None, 48, 64, 1)
    assert flat.count_params() == params
    assert round(keras_cost(flat).macs / 1e6, 2) == mmacs


def test_bu_net_pools_while_height_and_width_are_even() -> None:
    model = BU_Net((2, 3, 4, 5, 6, 7))
    flat = flatten(model, (48, 64, 3))
    assert_same(model, flat)
    assert leaves(flat).count("MaxPooling2D") == 4 == leaves(flat).count("UpSampling2D")
    assert leaves(flat).count("Concatenate") == 5
    assert flat.get_layer("encoder_5_blocks_0_2").output_shape == (None, 3, 4, 7)


def test_inner_layers_are_named_after_their_place_and_can_be_asked_for() -> None:
    flat = flatten(Nano_U((2, 2, 2, 2, 2, 2)), (16, 16, 3))
    assert flat.get_layer("encoder_0_depthwise").output.shape == (None, 16, 16, 3)
    assert [layer.name for layer in flat.layers[:3]] == ["image", "encoder_0_depthwise", "encoder_0_depthwise_bn"]


# --- models that people write ------------------------------------------------------------------------------------


class Block(L.Layer):
    """Inner layers, `training` passed on."""

    def __init__(self, width: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.conv, self.bn = L.Conv2D(width, 3, padding="same"), L.BatchNormalization()

    def call(self, x, training=None):
        return self.bn(self.conv(x), training=training)


class Nested(tf_keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.outer = Outer()
        self.head = L.Conv2D(1, 1)

    def call(self, x, training=None):
        return self.head(self.outer(x, training=training))


class Outer(L.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Block(4), Block(5)

    def call(self, x, training=False):
        return self.second(self.first(x, training=training), training)  # once by name, once by place


class Shared(tf_keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.block, self.act = Block(3), L.ReLU()

    def call(self, x):
        return self.act(self.block(self.act(self.block(x))))


class Operators(tf_keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = L.Conv2D(4, 1), L.Conv2D(4, 1), L.Conv2D(8, 1)

    def call(self, x):
        a, b = tf.nn.relu(self.a(x)), tf.nn.relu6(self.b(x))
        x = tf.concat([a + b, tf.add(a, b) - b, tf.maximum(a, b) * b], axis=-1)
        x = tf.nn.leaky_relu(self.c(x), alpha=0.1)
        x = tf.nn.max_pool2d(x, 2, 2, "SAME") + tf.nn.avg_pool2d(x, [1, 2, 2, 1], [2, 2], padding="VALID")
        x = tf.tanh(x) + tf.nn.softmax(x)
        return tf.sigmoid(tf.reduce_mean(x, axis=[1, 2], keepdims=True))


class Residual(tf_keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.stem, self.block, self.add = L.Conv2D(4, 1), Block(4), L.Add()

    def call(self, x):
        x = self.stem(x)
        return self.add([x, self.block(inputs_of(x))])


def inputs_of(x):
    return L.ReLU()(x)  # a layer made inside `call`


class Lists(tf_keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.rows = [[L.Conv2D(3, 1), L.ReLU()], (L.Conv2D(4, 1), L.ReLU())]
        self.named = {"head": L.Conv2D(1, 1)}

    def call(self, x):
        for row in self.rows:
            for layer in row:
                x = layer(x)
        return {"mask": self.named["head"](x), "features": x}


class Dictionary(tf_keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.left, self.right, self.join = L.Conv2D(3, 1), L.Conv2D(2, 1), L.Concatenate()

    def call(self, inputs):
        return self.join([self.left(inputs["near"]), self.right(inputs["far"])])


class Several(tf_keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.left, self.right, self.add = L.Conv2D(3, 1), L.Conv2D(3, 1), L.Add()

    def call(self, inputs):
        first, second = inputs
        return self.add([self.left(first), self.right(second)])


class Mixed(tf_keras.Model):
    """A Keras-built functional and a Sequential inside a subclass; both hold a layer called `conv`."""

    def __init__(self) -> None:
        super().__init__()
        inputs = L.Input(SHAPE)
        self.functional = tf_keras.Model(inputs, L.ReLU()(L.Conv2D(4, 3, padding="same", name="conv")(inputs)))
        self.sequence = tf_keras.Sequential([L.Conv2D(4, 1, name="conv"), L.BatchNormalization(name="bn")])

    def call(self, x):
        return self.sequence(self.functional(x))


class Late(tf_keras.Model):
    """Inner layers that are made when the shape is known."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = LateLayer()

    def build(self, input_shape) -> None:
        self.head = L.Conv2D(input_shape[-1], 1)
        super().build(input_shape)

    def call(self, x):
        return self.head(self.inner(x=x))


class LateLayer(L.Layer):
    def build(self, input_shape) -> None:
        self.conv = L.Conv2D(input_shape[-1] * 2, 1)
        super().build(input_shape)

    def call(self, x):
        return self.conv(x)


@pytest.mark.parametrize(
    "make", [Nested, Shared, Operators, Residual, Lists, Mixed, Late], ids=lambda kind: kind.__name__
)
def test_user_models_flatten_to_the_same_bits(make) -> None:
    model = make()
    flat = flatten(model, SHAPE)
    assert_same(model, flat)
    assert flat.name == make.__name__.lower()  # whatever number Keras gave the model
    again = tf_keras.Model.from_config(flat.get_config())
    again.set_weights(flat.get_weights())
    np.testing.assert_array_equal(*(tf.nest.flatten(net(batch(flat)))[0].numpy() for net in (again, flat)))


def test_dict_inputs_keep_their_names() -> None:
    model = Dictionary()
    flat = flatten(model, {"near": (8, 8, 3), "far": (8, 8, 2)})
    assert_same(model, flat)
    assert sorted(flat.input_names) == ["far", "near"]


def test_list_inputs_keep_their_order() -> None:
    model = Several()
    assert_same(model, flatten(model, [(8, 8, 3), (8, 8, 2)]))


def test_functional_and_sequential_models_need_no_shape() -> None:
    model = Mixed().functional
    assert_same(model, flatten(model))
    model = tf_keras.Sequential([L.Input(SHAPE), L.Conv2D(2, 1), tf_keras.Sequential([L.ReLU()])])
    assert_same(model, flatten(model))
    built = Residual()
    built(tf.zeros((1, *SHAPE)))
    assert_same(built, flatten(built))


def test_a_compiled_and_trained_model_flattens() -> None:
    model = Residual()
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(np.ones((4, *SHAPE)), np.ones((4, 8, 8, 4)), verbose=0)
    assert_same(model, flatten(model, SHAPE))


def test_tf_calls_become_layers() -> None:
    flat = flatten(Operators(), SHAPE)
    kinds = {"ReLU", "LeakyReLU", "Add", "Subtract", "Maximum", "Multiply", "Concatenate", "MaxPooling2D"}
    assert kinds | {"AveragePooling2D", "Softmax", "Activation", "GlobalAveragePooling2D"} <= set(leaves(flat))


def test_an_operator_leaves_its_name_to_a_layer_that_bears_it() -> None:
    """`i + 0.5` comes first and would be called "add" as well."""
    image = L.Input(SHAPE)
    x = L.Conv2D(8, 3, padding="same")(image)
    y = L.Conv2D(8, 3, padding="same")(image + 0.5)
    model = tf_keras.Model(image, L.Conv2D(2, 1)(L.Add(name="add")([x, y]) * 2.0))
    flat = flatten(model)
    inputs = batch(flat)
    np.testing.assert_array_equal(flat(inputs), model(inputs))
    assert isinstance(flat.get_layer("add"), L.Add)
    assert flat.get_layer("add_1").symbol == "__operators__.add"


def test_a_dense_layer_spread_over_time_is_a_dense_layer() -> None:
    signal = L.Input((6, 4))
    x = L.TimeDistributed(L.Dense(5, "relu", name="inside"), name="spread")(signal)
    model = tf_keras.Model(signal, L.TimeDistributed(L.Flatten())(L.Reshape((6, 5, 1))(x)))
    flat = flatten(model)
    assert isinstance(flat.get_layer("spread"), L.Dense)
    assert leaves(flat)[-1] == "TimeDistributed"
    np.testing.assert_array_equal(flat(batch(flat)), model(batch(flat)))


def test_a_layer_called_twice_stays_one_layer() -> None:
    flat = flatten(Shared(), SHAPE)
    assert leaves(flat).count("Conv2D") == 1
    assert len(flat.get_layer("block_conv").inbound_nodes) == 2


# --- BatchNorm ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Nested, Shared, Mixed], ids=lambda kind: kind.__name__)
def test_batchnorm_moves_in_training_and_only_there(make) -> None:
    flat = flatten(make(), SHAPE)
    inputs = batch(flat)
    before = flat.get_weights()
    flat(inputs, training=False)
    flat(inputs)
    for old, new in zip(before, flat.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    flat(inputs, training=True)
    moved = {
        weight.name.split("/")[-1]
        for weight, old in zip(flat.weights, before, strict=True)
        if not np.array_equal(weight.numpy(), old)
    }
    assert moved == {"moving_mean:0", "moving_variance:0"}


def test_a_batchnorm_that_the_model_freezes_stays_frozen() -> None:
    class Frozen(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.bn = L.BatchNormalization()

        def call(self, x, training=None):
            return self.bn(x, training=False)

    flat = flatten(Frozen(), SHAPE)
    before = flat.get_weights()
    flat(batch(flat), training=True)
    for old, new in zip(before, flat.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


# --- the original -------------------------------------------------------------------------------------------------


def test_the_original_is_left_as_it_was() -> None:
    model = Nested()
    x = tf.constant(np.random.default_rng(0).normal(size=(2, *SHAPE)), tf.float32)
    before = model(x).numpy()
    layers = list(model._flatten_layers())
    names = [layer.name for layer in layers]
    nodes = [(len(layer._inbound_nodes_value), len(layer._outbound_nodes_value)) for layer in layers]
    call = L.Layer.__call__

    flat = flatten(model, SHAPE)
    flat.set_weights([weight + 1.0 for weight in flat.get_weights()])

    assert L.Layer.__call__ is call
    assert [layer.name for layer in model._flatten_layers()] == names
    assert [(len(layer._inbound_nodes_value), len(layer._outbound_nodes_value)) for layer in layers] == nodes
    np.testing.assert_array_equal(model(x).numpy(), before)
    assert not {id(layer) for layer in flat.layers} & {id(layer) for layer in layers}


def test_a_functional_original_is_left_as_it_was() -> None:
    inputs = L.Input(SHAPE)
    model = tf_keras.Model(inputs, L.Conv2D(2, 1, name="conv")(inputs))
    flatten(model)
    assert len(model.get_layer("conv").inbound_nodes) == 1
    assert flatten(model).get_layer("conv") is not model.get_layer("conv")


def test_a_custom_leaf_with_get_config_is_kept_as_it_is() -> None:
    class Gain(L.Layer):
        def build(self, input_shape) -> None:
            self.gain = self.add_weight("gain", (input_shape[-1],), initializer="uniform")

        def call(self, x):
            return x * self.gain

    class Net(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.gain = Gain()

        def call(self, x):
            return self.gain(x)

    model = Net()
    flat = flatten(model, SHAPE)
    assert_same(model, flat)
    assert leaves(flat) == ["Gain"]
