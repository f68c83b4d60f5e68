"""What cannot be flattened without changing what it computes is refused by name."""

import re

import pytest
import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.flatten import flatten

L = tf_keras.layers
SHAPE = (8, 8, 3)


class ControlFlow(tf_keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Chooser()

    def call(self, x):
        return self.inner(x)


class Chooser(L.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.conv = L.Conv2D(3, 1)

    def call(self, x):
        return self.conv(x) if tf.reduce_sum(x) > 0 else x


def test_control_flow_on_tensors_is_refused() -> None:
    with pytest.raises(
        GraphError, match=r"layer 'inner' \(Chooser\) cannot be followed on symbolic tensors: .*control flow"
    ):
        flatten(ControlFlow(), SHAPE)


class Owner(L.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.conv = L.Conv2D(3, 1)

    def build(self, input_shape) -> None:
        self.gain = self.add_weight("gain", (3,), initializer="ones")
        super().build(input_shape)

    def call(self, x):
        return self.conv(x) * self.gain


class Owning(tf_keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.owner = Owner()

    def call(self, x):
        return self.owner(x)


def test_a_weight_owned_by_a_composite_is_refused() -> None:
    with pytest.raises(GraphError, match=r"layer 'owner' \(Owner\) holds other layers and owns weights itself: .*gain"):
        flatten(Owning(), SHAPE)


def test_a_weight_owned_by_the_model_is_refused() -> None:
    class Net(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.gain = self.add_weight("gain", (3,))

        def call(self, x):
            return x * self.gain

    with pytest.raises(GraphError, match="owns weights itself: gain"):
        flatten(Net(), SHAPE)


def test_a_variable_used_as_it_is_is_refused() -> None:
    class Net(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.gains = [tf.Variable(tf.ones(3), name="loose_gain")]

        def call(self, x):
            return x * self.gains[0]

    with pytest.raises(GraphError, match="loose_gain"):
        flatten(Net(), SHAPE)


def test_a_branch_taken_only_in_training_is_refused() -> None:
    class Branching(L.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.drop = L.Conv2D(3, 1), L.Dropout(0.5)

        def call(self, x, training=None):
            x = self.conv(x)
            return self.drop(x) if training else x

    class Net(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.branch = Branching()

        def call(self, x, training=None):
            return self.branch(x, training=training)

    with pytest.raises(GraphError, match=r"branch: `call` takes another path in training.*Dropout branch_drop"):
        flatten(Net(), SHAPE)


def test_an_activation_that_no_copy_can_name_is_told_by_its_layer() -> None:
    """And not by the bytes of its code, as Keras does."""
    image = L.Input(SHAPE)
    model = tf_keras.Model(image, L.Conv2D(3, 1, activation=lambda x: x * 2.0, name="odd")(image))
    with pytest.raises(GraphError, match=r"layer 'odd' \(Conv2D\): its activation <lambda> is a function of yours"):
        flatten(model)


def test_an_activation_that_keras_finds_by_its_name_is_none_of_them() -> None:
    image = L.Input(SHAPE)
    model = tf_keras.Model(image, L.Conv2D(3, 1, activation=tf.nn.relu)(image))
    assert flatten(model).layers[-1].activation is tf_keras.activations.relu


class Unbuilt(tf_keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.conv = L.Conv2D(2, 3)

    def call(self, x):
        return self.conv(x)


def test_an_unbuilt_model_needs_a_shape() -> None:
    with pytest.raises(GraphError, match=r"has never been built.*input_shape=\(48, 64, 3\)"):
        flatten(Unbuilt())


def test_a_layer_that_is_not_used_is_refused_where_it_has_weights() -> None:
    class Unused(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.idle = L.Conv2D(3, 1), L.Dense(2, name="idle")
            self.idle.build((None, 3))

        def call(self, x):
            return self.used(x)

    with pytest.raises(
        GraphError, match=r"2 weights do not appear in the flat graph: .*remove layers that `call` does not use"
    ):
        flatten(Unused(), SHAPE)


def test_a_custom_layer_that_cannot_be_copied_is_refused() -> None:
    class Gain(L.Layer):
        def __init__(self, gain: object) -> None:
            super().__init__()
            self.gain = gain

        def call(self, x):
            return x * 2.0

    class Net(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.gain = Gain(object())

        def call(self, x):
            return self.gain(x)

    with pytest.raises(GraphError, match=r"a custom layer cannot be copied; give it a `get_config`"):
        flatten(Net(), SHAPE)


def test_random_numbers_in_call_are_noticed() -> None:
    class Noisy(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.conv = L.Conv2D(3, 1)

        def call(self, x):
            return self.conv(x) + tf.random.normal((8, 8, 3))

    with pytest.raises(GraphError, match="differs from the model by up to"):
        flatten(Noisy(), SHAPE)


def test_a_refusal_leaves_keras_as_it_was() -> None:
    call = L.Layer.__call__
    with pytest.raises(GraphError):
        flatten(ControlFlow(), SHAPE)
    assert L.Layer.__call__ is call


def test_samples_of_another_shape_are_told_on_one_line() -> None:
    from edge_nas.models import NanoU

    with pytest.raises(GraphError) as caught:
        flatten(NanoU(), (128, 3))
    message = str(caught.value)
    assert re.match(r"model 'nano_u\w*' cannot be called on inputs of shape \(128, 3\): Input 0 of layer", message)
    assert "expected min_ndim=4, found ndim=3" in message
    assert "\n" not in message
