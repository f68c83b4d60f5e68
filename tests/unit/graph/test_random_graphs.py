"""300 random graphs over all layers with a rule: narrowed is masked, all-keep is the identity, cost is as predicted."""

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.graph.cost import keras_cost
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.surgery import mask, narrow
from edge_nas.graph.widths import WidthCost

L = tf_keras.layers
COUNT = 300


class RandomGraph:
    """Grows a network of 8x8 and smaller maps: every choice follows from the seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.inputs = L.Input((8, 8, 3))
        self.maps = [self.inputs]
        self.convolutions = []

    def pick(self, *, width=None, size=None):
        """One of the maps made so far, the later ones more often."""
        fitting = [m for m in self.maps if width in (None, m.shape[-1]) and size in (None, tuple(m.shape[1:3]))]
        weights = np.arange(1, len(fitting) + 1, dtype=float)
        return fitting[self.rng.choice(len(fitting), p=weights / weights.sum())]

    def coin(self) -> bool:
        return bool(self.rng.integers(2))

    def one_of(self, *choices):
        return choices[self.rng.integers(len(choices))]

    def padding(self, x):
        return "valid" if min(x.shape[1:3]) > 5 and self.coin() else "same"

    def conv(self):
        x = self.pick()
        steps = self.one_of({}, {}, {"strides": 2}, {"dilation_rate": 2}) if min(x.shape[1:3]) > 4 else {}
        layer = L.Conv2D(
            self.one_of(2, 3, 4), self.one_of(1, 3, (1, 2)), padding=self.padding(x), use_bias=self.coin(),
            activation=self.one_of("relu", "linear"), **steps,
        )  # fmt: skip
        self.convolutions.append((layer, x))
        return layer(x)

    def again(self):
        """A convolution called a second time, on another map of the same width."""
        if not self.convolutions:
            return self.conv()
        layer, first = self.convolutions[self.rng.integers(len(self.convolutions))]
        fitting = [m for m in self.maps if m.shape[-1] == first.shape[-1] and min(m.shape[1:3]) >= 5]
        return layer(fitting[self.rng.integers(len(fitting))]) if fitting else self.conv()

    def in_groups(self):
        x = self.pick()
        groups = self.one_of(x.shape[-1], 1 if x.shape[-1] % 2 else 2)
        return L.Conv2D(self.one_of(1, 2) * groups, 1, groups=groups)(x)

    def separable(self):
        return L.SeparableConv2D(3, 3, padding="same", depth_multiplier=self.one_of(1, 2), use_bias=self.coin())(
            self.pick()
        )

    def transposed(self):
        x = self.pick()
        strides = 2 if max(x.shape[1:3]) <= 4 else 1
        return L.Conv2DTranspose(self.one_of(2, 3), self.one_of(2, 3), strides, padding="same", use_bias=self.coin())(x)

    def dense(self):
        return L.Dense(self.one_of(2, 4), activation=self.one_of(None, "relu", "softmax"))(self.pick())

    def depthwise(self):
        x = self.pick()
        times = 2 if x.shape[-1] <= 4 and self.coin() else 1
        return L.DepthwiseConv2D(3, padding="same", depth_multiplier=times, use_bias=self.coin())(x)

    def norm(self):
        return self.one_of(L.BatchNormalization(), L.BatchNormalization(scale=False), L.LayerNormalization())(
            self.pick()
        )

    def activation(self):
        return self.one_of(
            L.ReLU(), L.LeakyReLU(0.1), L.Activation("tanh"), L.ReLU(6.0), L.PReLU(), L.PReLU(shared_axes=[1, 2]),
            L.Dropout(0.5),
        )(self.pick())  # fmt: skip

    def resize(self):
        x = self.pick()
        if min(x.shape[1:3]) > 4:
            return self.one_of(L.MaxPooling2D(), L.AveragePooling2D(), L.Cropping2D(1))(x)
        return self.one_of(
            L.UpSampling2D(), L.Resizing(8, 8), L.ZeroPadding2D(1), lambda x: tf.image.resize(x, (8, 8))
        )(x)

    def merge(self):
        first = self.pick()
        layer = self.one_of(L.Add, L.Multiply, L.Maximum, L.Subtract, L.Average, L.Minimum)()
        return layer([first, self.pick(width=first.shape[-1], size=tuple(first.shape[1:3]))])

    def concat(self):
        first = self.pick()
        return L.Concatenate()([first, self.pick(size=tuple(first.shape[1:3]))])

    def excite(self):
        """Squeeze and excite, or an attention map of one channel."""
        x = self.pick()
        if self.coin():
            return L.Multiply()([x, L.Conv2D(1, 1, activation="sigmoid")(x)])
        squeezed = L.Conv2D(2, 1, activation="relu")(L.GlobalAveragePooling2D(keepdims=True)(x))
        return L.Multiply()([x, L.Conv2D(x.shape[-1], 1, activation="sigmoid")(squeezed)])

    def operator(self):
        x = self.pick()
        other = self.pick(width=x.shape[-1], size=tuple(x.shape[1:3]))
        return self.one_of(
            lambda: x * 0.5, lambda: 1.0 - x, lambda: tf.abs(x), lambda: x + other, lambda: tf.maximum(x, other),
            lambda: tf.clip_by_value(x, -1.0, 1.0), lambda: x - tf.reduce_mean(x, [1, 2], keepdims=True),
            lambda: x * tf.reshape(tf.range(1.0, x.shape[-1] + 1), (-1,)),
        )()  # fmt: skip

    def vector(self):
        """A map as one row of features, in one of the ways in which classifiers make it."""
        x = self.pick()
        if self.coin() and x.shape[1] * x.shape[2] <= 36:
            row = self.one_of(L.Flatten(), L.Reshape((-1,)))(x)
        else:
            row = self.one_of(L.GlobalAveragePooling2D(), L.GlobalMaxPooling2D())(x)
        return L.Dense(3, activation="relu")(row) if self.coin() else row

    def sequence(self):
        """A map as a sequence of positions, under one-dimensional layers."""
        x = self.pick()
        x = L.Reshape((x.shape[1] * x.shape[2], x.shape[3]))(x)
        x = L.Conv1D(3, 3, strides=self.one_of(1, 2), padding="same", activation="relu")(x)
        x = self.one_of(L.SeparableConv1D(2, 3), L.DepthwiseConv1D(3), L.Conv1D(2, 1, dilation_rate=2))(x)
        return L.GlobalMaxPooling1D()(L.MaxPooling1D()(x))

    def grow(self, steps: int = 7):
        kinds = [
            self.conv, self.conv, self.conv, self.again, self.in_groups, self.separable, self.transposed, self.dense,
            self.depthwise, self.norm, self.activation, self.resize, self.merge, self.concat, self.excite,
            self.operator,
        ]  # fmt: skip
        for _ in range(steps):
            made = kinds[self.rng.integers(len(kinds))]()
            if made.shape[-1] <= 8:
                self.maps.append(made)
        rows = [
            self.vector(),
            self.sequence() if self.rng.random() < 0.3 else L.GlobalAveragePooling2D()(self.maps[-1]),
        ]
        outputs = [L.Dense(2)(L.Concatenate()(rows))]
        if self.rng.random() < 0.3:
            outputs.append(L.Conv2D(1, 1)(self.pick()))
        return tf_keras.Model(self.inputs, outputs)

    def keep(self, graph) -> dict[str, list[int]]:
        kept = {}
        for group in graph.free:
            count = int(self.rng.integers(1, group.channels + 1))
            kept[group.name] = sorted(self.rng.choice(group.channels, count, replace=False).tolist())
        return kept


IMAGES = np.random.default_rng(3).uniform(-1, 1, (2, 8, 8, 3)).astype(np.float32)


def outputs_of(model) -> np.ndarray:
    return np.concatenate([tf.reshape(output, (-1,)).numpy() for output in tf.nest.flatten(model(IMAGES))])


@pytest.fixture(scope="module", params=range(0, COUNT, 10), ids=lambda seed: f"seeds_{seed}_to_{seed + 9}")
def graphs(request, randomized):
    """Ten networks with random weights, their channel graphs, what they keep, and their outputs."""
    made = []
    for seed in range(request.param, request.param + 10):
        source = RandomGraph(seed)
        model = randomized(source.grow(), seed)
        graph = channel_graph(model)
        made.append((seed, model, graph, source.keep(graph), outputs_of(model)))
    return made


def test_narrowed_equals_masked_and_costs_what_was_predicted(graphs) -> None:
    changed = 0
    for seed, model, graph, kept, whole in graphs:
        narrowed = narrow(model, graph, kept)
        expected, seen = outputs_of(mask(model, graph, kept)), outputs_of(narrowed)
        assert np.abs(expected - seen).max() <= 1e-5 * max(1.0, np.abs(expected).max()), f"seed {seed}"
        changed += bool(np.abs(expected - whole).max() > 1e-3)
        predicted = WidthCost(model, graph).cost({name: len(indices) for name, indices in kept.items()})
        counted = keras_cost(narrowed)
        assert predicted.model_copy(update={"flash_bytes": None}) == counted, f"seed {seed}"
        removed = any(group.channels > len(kept[group.name]) for group in graph.free)
        before = keras_cost(model)
        assert (counted.params < before.params, counted.macs < before.macs) == (removed, removed), f"seed {seed}"
    assert changed >= 5  # the channels that go do matter


def test_keeping_all_changes_no_bit(graphs) -> None:
    for seed, model, graph, _, whole in graphs[::3]:
        everything = {group.name: range(group.channels) for group in graph.groups}
        np.testing.assert_array_equal(outputs_of(narrow(model, graph, everything)), whole, err_msg=f"seed {seed}")


def test_the_graphs_hold_every_kind_of_layer_and_most_groups_are_free() -> None:
    kinds, free, frozen = set(), 0, 0
    for seed in range(30):
        model = RandomGraph(seed).grow()
        kinds |= {type(layer).__name__ for layer in model.layers}
        for group in channel_graph(model).groups:
            free += group.frozen is None
            frozen += group.frozen is not None and not group.frozen.startswith("the network's")
    assert kinds >= {
        "Conv2D", "SeparableConv2D", "Conv2DTranspose", "DepthwiseConv2D", "Dense", "BatchNormalization", "PReLU",
        "LayerNormalization", "Add", "Multiply", "Maximum", "Concatenate", "Flatten", "Reshape",
        "Conv1D", "TFOpLambda",  "Cropping2D", "GlobalAveragePooling2D",
    }  # fmt: skip
    assert free > frozen
