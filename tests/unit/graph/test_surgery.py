"""The narrowed network equals the masked one, on forty random graphs and on the layers that tempt surgery to err."""

import numpy as np
import pytest
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.surgery import copy, mask, narrow

L = tf_keras.layers


class RandomGraph:
    """Grows a network of 8x8 maps at random: every choice follows from the seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.inputs = L.Input((8, 8, 3))
        self.maps = [self.inputs]

    def pick(self, *, width: int | None = None, size: int | None = None):
        """One of the maps made so far, the later ones more often."""
        fitting = [m for m in self.maps if width in (None, m.shape[-1]) and size in (None, m.shape[1])]
        weights = np.arange(1, len(fitting) + 1, dtype=float)
        return fitting[self.rng.choice(len(fitting), p=weights / weights.sum())]

    def conv(self):
        width, size = (int(self.rng.choice(choices)) for choices in ([2, 3, 5], [1, 3]))
        bias, activation = bool(self.rng.integers(2)), self.rng.choice(["relu", "linear"])
        return L.Conv2D(width, size, padding="same", use_bias=bias, activation=activation)(self.pick())

    def norm(self):
        return L.BatchNormalization()(self.pick())

    def depthwise(self):
        return L.DepthwiseConv2D(3, padding="same", use_bias=bool(self.rng.integers(2)))(self.pick())

    def activation(self):
        return self.rng.choice([L.ReLU(), L.LeakyReLU(0.1), L.Activation("tanh"), L.ReLU(6.0)])(self.pick())

    def pool(self):
        source = self.pick()
        return source if source.shape[1] < 4 else self.rng.choice([L.MaxPooling2D(), L.AveragePooling2D()])(source)

    def up(self):
        source = self.pick()
        return source if source.shape[1] > 4 else L.UpSampling2D()(source)

    def add(self):
        first = self.pick()
        merge = self.rng.choice([L.Add(), L.Multiply(), L.Maximum(), L.Subtract()])
        return merge([first, self.pick(width=first.shape[-1], size=first.shape[1])])

    def concat(self):
        first = self.pick()
        return L.Concatenate()([first, self.pick(size=first.shape[1])])

    def grow(self, steps: int = 12):
        kinds = [self.conv, self.conv, self.conv, self.norm, self.depthwise, self.activation, self.pool, self.up,
                 self.add, self.concat]  # fmt: skip
        for _ in range(steps):
            self.maps.append(kinds[self.rng.integers(len(kinds))]())
        tail = [L.GlobalAveragePooling2D()(self.maps[-1]), L.GlobalAveragePooling2D()(L.Conv2D(4, 1)(self.pick()))]
        return tf_keras.Model(self.inputs, L.Dense(2)(L.Concatenate()(tail)))

    def keep(self, graph) -> dict[str, list[int]]:
        kept = {}
        for group in graph.free:
            count = int(self.rng.integers(1, group.channels + 1))
            kept[group.name] = sorted(self.rng.choice(group.channels, count, replace=False).tolist())
        return kept


def images(shape=(4, 8, 8, 3)) -> np.ndarray:
    return np.random.default_rng(3).uniform(-1, 1, shape).astype(np.float32)


def assert_narrow_is_mask(model, kept, x=None) -> None:
    graph = channel_graph(model)
    x = images() if x is None else x
    masked, narrowed = mask(model, graph, kept), narrow(model, graph, kept)
    expected, seen = masked(x).numpy(), narrowed(x).numpy()
    assert np.abs(expected - seen).max() <= 1e-5 * max(1.0, np.abs(expected).max())
    removed = sum(group.channels - len(kept.get(group.name, range(group.channels))) for group in graph.groups)
    assert (narrowed.count_params() < model.count_params()) == (removed > 0)


@pytest.mark.parametrize("seed", range(40))
def test_narrowed_equals_masked_on_random_graphs(seed: int, randomized) -> None:
    graph = RandomGraph(seed)
    model = randomized(graph.grow(), seed)
    kept = graph.keep(channel_graph(model))
    assert_narrow_is_mask(model, kept)


def test_the_random_graphs_do_remove_channels_that_matter(randomized) -> None:
    changed = 0
    for seed in range(8):
        graph = RandomGraph(seed)
        model = randomized(graph.grow(), seed)
        channels = channel_graph(model)
        kept = graph.keep(channels)
        changed += bool(np.abs(mask(model, channels, kept)(images()) - model(images())).max() > 1e-3)
    assert changed >= 5


def test_keeping_all_changes_no_bit(randomized) -> None:
    model = randomized(RandomGraph(7).grow())
    graph = channel_graph(model)
    expected = model(images()).numpy()
    for kept in ({}, {group.name: range(group.channels) for group in graph.groups}):
        narrowed = narrow(model, graph, kept)
        np.testing.assert_array_equal(narrowed(images()).numpy(), expected)
        np.testing.assert_array_equal(mask(model, graph, kept)(images()).numpy(), expected)
        assert narrowed.get_config() == model.get_config()


def test_surgery_leaves_the_original_alone(randomized) -> None:
    inputs = L.Input((8, 8, 3))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(L.Conv2D(4, 3, name="first")(inputs))))
    before = model.get_weights()
    graph = channel_graph(model)
    mask(model, graph, {"first": [0]}).set_weights([w * 0 for w in before])
    narrowed = narrow(model, graph, {"first": np.array([1, 3])})
    narrowed.set_weights([w * 0 for w in narrowed.get_weights()])
    copy(model).set_weights([w * 0 for w in before])
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_kept_channels_are_the_ones_that_were_named(randomized) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.BatchNormalization(name="bn")(L.Conv2D(5, 3, name="first")(inputs))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(2, 1, name="last")(x)))
    narrowed = narrow(model, channel_graph(model), {"first": [0, 3]})
    kernel, bias = model.get_layer("first").get_weights()
    np.testing.assert_array_equal(narrowed.get_layer("first").get_weights()[0], kernel[..., [0, 3]])
    np.testing.assert_array_equal(narrowed.get_layer("first").get_weights()[1], bias[[0, 3]])
    for wide, slim in zip(model.get_layer("bn").get_weights(), narrowed.get_layer("bn").get_weights(), strict=True):
        np.testing.assert_array_equal(slim, wide[[0, 3]])
    np.testing.assert_array_equal(
        narrowed.get_layer("last").get_weights()[0], model.get_layer("last").get_weights()[0][:, :, [0, 3]]
    )


SPECIAL = {
    "grouped": L.Conv2D(4, 1, groups=2),
    "depth multiplier": L.DepthwiseConv2D(3, depth_multiplier=2),
    "batchnorm over rows": L.BatchNormalization(axis=1),
    "batchnorm without gain": L.BatchNormalization(scale=False, center=False),
    "separable": L.SeparableConv2D(3, 3),
    "transposed": L.Conv2DTranspose(3, 2),
    "prelu": L.PReLU(shared_axes=[1, 2]),
    "attention": lambda x: L.Multiply()([L.Conv2D(1, 1, activation="sigmoid")(x), x]),
    "squeeze and excite": lambda x: L.Multiply()([x, L.Conv2D(6, 1)(L.GlobalAveragePooling2D(keepdims=True)(x))]),
    "padding and cropping": lambda x: L.Cropping2D(1)(L.ZeroPadding2D(2)(x)),
    "concatenation of rows": lambda x: L.Concatenate(axis=1)([x, L.ReLU()(x)]),
    "the same tensor twice": lambda x: L.Add()([x, x]),
    "operator": lambda x: x * 2.0,
    "dense on a map": L.Dense(4),
}


@pytest.mark.parametrize("case", SPECIAL)
def test_layers_that_tempt_surgery_to_err(case: str, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    before = L.Conv2D(6, 3, padding="same", name="before")(inputs)
    middle = SPECIAL[case](L.Conv2D(6, 3, padding="same", name="middle")(before))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(2, 1)(L.Conv2D(4, 1, name="after")(middle))))
    graph = channel_graph(model)
    kept = {group.name: range(0, group.channels, 2) for group in graph.free}
    assert "before" in kept
    assert_narrow_is_mask(model, kept)


def test_a_shared_convolution_is_cut_once(randomized) -> None:
    inputs = L.Input((8, 8, 3))
    shared = L.Conv2D(4, 3, padding="same", name="shared")
    x = shared(L.Conv2D(4, 1, name="first")(inputs))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(shared(L.ReLU()(x)))))
    graph = channel_graph(model)
    assert [group.members for group in graph.free] == [("first", "shared")]
    assert_narrow_is_mask(model, {"first": [0, 2, 3]})


def test_a_custom_layer_need_not_be_registered(randomized) -> None:
    class Gain(L.Layer):
        def build(self, input_shape) -> None:
            self.gain = self.add_weight("gain", (input_shape[-1],))

        def call(self, x):
            return x * self.gain

    inputs = L.Input((8, 8, 3))
    x = Gain()(L.Conv2D(4, 1)(L.Conv2D(4, 1, name="first")(inputs)))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(x)))
    assert_narrow_is_mask(model, {"first": [1, 2]})


def test_a_one_dimensional_network(randomized) -> None:
    inputs = L.Input((10, 3))
    x = L.Conv1D(6, 3, padding="causal", name="first")(inputs)
    x = L.GlobalMaxPooling1D()(L.ReLU()(x))
    model = randomized(tf_keras.Model(inputs, L.Dense(2, name="dense")(x)))
    assert_narrow_is_mask(model, {"first": [0, 5]}, images((4, 10, 3)))


def test_frozen_and_unknown_groups_are_refused(randomized) -> None:
    inputs = L.Input((8, 8, 3))
    model = tf_keras.Model(inputs, L.Conv2D(4, 1, name="only")(inputs))
    graph = channel_graph(model)
    for act in (narrow, mask):
        with pytest.raises(GraphError, match="'only' is frozen"):
            act(model, graph, {"only": [0]})
        with pytest.raises(GraphError, match="no channel group 'other'"):
            act(model, graph, {"other": [0]})
