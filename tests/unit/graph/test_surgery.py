"""The narrowed network equals the masked one on layers that tempt surgery to err (random graphs: another file)."""

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.flatten import flatten
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.surgery import copy, mask, narrow

L = tf_keras.layers


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


def test_masking_nothing_changes_no_bit(randomized) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.LayerNormalization()(L.Conv2D(4, 3, name="first")(inputs))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(x)))
    for kept in ({}, {"first": range(4)}):
        np.testing.assert_array_equal(mask(model, channel_graph(model), kept)(images()), model(images()))


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
    "one filter per channel": L.Conv2D(6, 3, groups=6),
    "depth multiplier": L.DepthwiseConv2D(3, depth_multiplier=2),
    "depth multiplier twice": lambda x: L.DepthwiseConv2D(1, depth_multiplier=2)(
        L.DepthwiseConv2D(3, depth_multiplier=2)(x)
    ),
    "batchnorm over rows": L.BatchNormalization(axis=1),
    "batchnorm without gain": L.BatchNormalization(scale=False, center=False),
    "layernorm": L.LayerNormalization(),
    "layernorm without gain": L.LayerNormalization(scale=False, center=False),
    "layernorm over a row": L.LayerNormalization(axis=[2, 3]),
    "separable": L.SeparableConv2D(3, 3, depth_multiplier=2),
    "transposed": L.Conv2DTranspose(3, 3, strides=2, padding="same"),
    "prelu": L.PReLU(shared_axes=[1, 2]),
    "prelu of every position": L.PReLU(),
    "prelu of one slope": L.PReLU(shared_axes=[1, 2, 3]),
    "attention": lambda x: L.Multiply()([L.Conv2D(1, 1, activation="sigmoid")(x), x]),
    "squeeze and excite": lambda x: L.Multiply()([x, L.Conv2D(6, 1)(L.GlobalAveragePooling2D(keepdims=True)(x))]),
    "excite by rows": lambda x: L.Multiply()([x, L.Reshape((1, 1, 6))(L.Dense(6)(L.GlobalMaxPooling2D()(x)))]),
    "padding and cropping": lambda x: L.Cropping2D(1)(L.ZeroPadding2D(2)(x)),
    "concatenation of rows": lambda x: L.Concatenate(axis=1)([x, L.ReLU()(x)]),
    "the same tensor twice": lambda x: L.Add()([x, x]),
    "permuted rows": L.Permute((2, 1, 3)),
    "channels moved": L.Permute((3, 1, 2)),
    "reshaped": lambda x: L.Reshape((8, 8, 6))(L.Reshape((64, 6))(x)),
    "channels taken apart": L.Reshape((8, 16, 3)),
    "operator": lambda x: x * 2.0,
    "operator of a number per channel": lambda x: x * tf.range(6.0),
    "dense on a map": L.Dense(4),
}


PASSED = {
    "every other row and column": lambda x: x[:, ::2, ::2],
    "the last row": lambda x: x[:, -1],
    "rows by ellipsis": lambda x: x[:, 1:3, ..., :],
    "a new axis": lambda x: x[:, tf.newaxis],
    "squeezed": lambda x: tf.squeeze(x[:, :1], axis=1),
    "expanded": lambda x: tf.squeeze(tf.expand_dims(x, 1), 1),
    "reversed": lambda x: tf.reverse(x, [1]),
    "reflected": lambda x: tf.pad(x, [[0, 0], [1, 1], [2, 2], [0, 0]], mode="REFLECT"),
    "regularised": L.ActivityRegularization(1e-3),
    "repeated": lambda x: L.RepeatVector(3)(L.GlobalMaxPooling2D()(x)),
    "normalised at all positions": L.GroupNormalization(1),
    "normalised channel by channel": L.GroupNormalization(-1),
}


@pytest.mark.parametrize("case", PASSED)
def test_layers_that_pass_channels_on(case: str, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    middle = PASSED[case](L.Conv2D(6, 3, padding="same", name="middle")(inputs))
    model = randomized(tf_keras.Model(inputs, L.Dense(2)(middle)))
    assert [group.name for group in channel_graph(model).free] == ["middle"]
    assert_narrow_is_mask(model, {"middle": [0, 3, 4]})


IN_GROUPS = {
    "a convolution as wide as what it reads": L.Conv2D(12, 3, padding="same", groups=4),
    "a convolution that widens": L.Conv2D(20, 3, padding="same", groups=4),
    "a convolution that halves": L.Conv2D(8, 1, groups=4, use_bias=False),
    "statistics of groups": L.GroupNormalization(4),
    "convolution behind statistics": [L.GroupNormalization(2), L.Conv2D(12, 1, groups=4)],
}


@pytest.mark.parametrize("case", IN_GROUPS)
@pytest.mark.parametrize("ties", [False, True])
def test_whole_groups_of_channels_are_cut(case: str, ties: bool, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    before = L.Conv2D(12, 3, padding="same", name="before")(inputs)
    layers = IN_GROUPS[case]
    middle = before
    for layer in layers if isinstance(layers, list) else [layers]:
        middle = L.ReLU()(type(layer).from_config(layer.get_config())(middle))
    if ties and middle.shape == before.shape:
        middle = L.Add()([middle, before])
    model = randomized(tf_keras.Model(inputs, L.Conv2D(2, 1)(L.Conv2D(4, 1, name="after")(middle))))
    group = next(group for group in channel_graph(model).free if group.name == "before")
    assert group.channels == (2 if isinstance(layers, list) else 4)
    assert_narrow_is_mask(model, {"before": [0] if isinstance(layers, list) else [0, 2]})


def heads_by_hand(x):
    query, key, value = (L.Reshape((6, 4, 3))(L.Dense(12, name=f"mha_{name}")(x)) for name in ("query", "key", "value"))
    scores = L.Dropout(0.1)(L.Softmax()(0.3 * tf.einsum("nthd, nshd -> nhts", query, key)))
    return L.Dense(7)(L.Reshape((6, 12))(tf.einsum("nhts,nshd->nthd", scores, value)))


def keys_transposed(x):
    query, key, value = (L.Reshape((6, 4, 3))(L.Dense(12, name=f"mha_{name}")(x)) for name in ("query", "key", "value"))
    scores = tf.nn.softmax(tf.matmul(tf.transpose(query, (0, 2, 1, 3)), tf.transpose(key, (0, 2, 3, 1))))
    values = tf.transpose(tf.matmul(scores, tf.transpose(value, (0, 2, 1, 3))), (0, 2, 1, 3))
    return L.Dense(7)(L.Reshape((6, 12))(values))


HEADS = {
    "as many channels of keys as of values": lambda x: L.MultiHeadAttention(4, 3, name="mha")(x, x),
    "more channels of keys": lambda x: L.MultiHeadAttention(4, 5, value_dim=3, name="mha")(x, x),
    "queries of another width": lambda x: L.MultiHeadAttention(4, 3, name="mha")(L.Dense(5)(x), x),
    "one head": lambda x: L.MultiHeadAttention(1, 3, name="mha")(x, x),
    "softmax of products, by hand": heads_by_hand,
    "keys with their positions last": keys_transposed,
}


@pytest.mark.parametrize("case", HEADS)
def test_channels_of_values_are_cut_from_all_heads_of_attention(case: str, randomized) -> None:
    inputs = L.Input((6, 5))
    x = HEADS[case](L.Dense(8, name="before")(inputs))
    model = flatten(randomized(tf_keras.Model(inputs, L.Dense(2)(L.Dense(4, name="after")(x)))))
    groups = {group.name: group for group in channel_graph(model).groups}
    assert (groups["mha_value"].channels, groups["mha_value"].frozen) == (3, None)
    assert "sums up products over all of them" in groups["mha_query"].frozen or "mixes" in groups["mha_query"].frozen
    assert_narrow_is_mask(model, {"mha_value": [0, 2], "before": [1, 2, 7], "after": [0]}, images((4, 6, 5)))


OTHER_PRODUCTS = {
    "heads that are not told apart": lambda query, key: tf.matmul(
        L.Flatten()(query), L.Flatten()(key), transpose_a=True
    ),
    "softmax over heads": lambda query, key: L.Softmax(1)(L.Permute((2, 1, 3))(query)) + L.Permute((2, 1, 3))(key),
    "channels of values summed up": lambda query, key: tf.matmul(L.Permute((1, 3, 2))(query), key),
    "values as weights": lambda query, key: tf.matmul(L.Permute((2, 1, 3))(query), L.Permute((2, 3, 1))(key)),
}


@pytest.mark.parametrize("case", OTHER_PRODUCTS)
def test_other_products_of_heads_freeze_them(case: str) -> None:
    inputs = L.Input((6, 5))
    query, key = (L.Reshape((6, 4, 3))(L.Dense(12, name=name)(inputs)) for name in ("query", "key"))
    model = tf_keras.Model(inputs, L.Dense(2)(L.Flatten()(OTHER_PRODUCTS[case](query, key))))
    frozen = {group.name: group.frozen for group in channel_graph(model).groups}
    assert frozen["query"] is not None
    assert frozen["key"] is not None


def shuffled(x, rows: int):
    height, width, channels = x.shape[1:]
    x = L.Permute((1, 2, 4, 3))(L.Reshape((height, width, rows, channels // rows))(x))
    return L.Reshape((height, width, channels))(x)


SHUFFLED = {
    "behind a convolution in groups": lambda x: shuffled(L.Conv2D(12, 1, groups=4)(x), 4),
    "there and back": lambda x: shuffled(shuffled(x, 4), 3),
    "with layers that carry": lambda x: L.DepthwiseConv2D(3)(L.BatchNormalization()(shuffled(L.ReLU()(x), 4))),
    "of groups of another size": lambda x: shuffled(L.Conv2D(12, 1, groups=2)(x), 4),
}


@pytest.mark.parametrize("case", SHUFFLED)
def test_shuffled_channels_go_by_whole_rows(case: str, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    before = L.Conv2D(12, 3, padding="same", name="before")(inputs)
    model = randomized(tf_keras.Model(inputs, L.Conv2D(2, 1)(SHUFFLED[case](before))))
    group = next(group for group in channel_graph(model).free if group.name == "before")
    assert group.channels == (2 if "size" in case else 4)
    assert_narrow_is_mask(model, {"before": [1] if "size" in case else [0, 2, 3]})


def test_a_shuffle_of_what_two_layers_make_freezes_both() -> None:
    inputs = L.Input((8, 8, 3))
    both = L.Concatenate()([L.Conv2D(5, 1, name="one")(inputs), L.Conv2D(7, 1, name="other")(inputs)])
    groups = {
        group.name: group for group in channel_graph(tf_keras.Model(inputs, L.Dense(2)(shuffled(both, 4)))).groups
    }
    assert groups["one"].frozen == groups["other"].frozen
    assert "mixes channels of several layers" in groups["one"].frozen


def worked_on_half(x):
    left, right = tf.split(x, 2, axis=-1)
    right = L.Conv2D(right.shape[-1], 1)(L.DepthwiseConv2D(3, padding="same")(right))
    return shuffled(L.Concatenate()([left, right]), 2)


def gated(x):
    value, gate = tf.split(x, 2, axis=-1)
    return L.Multiply()([value, L.Activation("sigmoid")(gate)])


def with_all_that_came_before(x):
    first, second = tf.split(x, 2, -1)
    third = second + L.Conv2D(6, 3, padding="same")(second)
    return L.Concatenate()([first, second, third])


def added_before_and_after(x):
    y = L.Add()([x, L.Conv2D(12, 1)(x)])
    first, second, third = tf.split(y, 3, axis=-1)
    return L.Add()([L.Concatenate()([third, first, second]), L.Conv2D(12, 1)(y)])


SPLIT = {
    "halves, one worked on": (worked_on_half, 6),
    "halves of halves": (lambda x: worked_on_half(worked_on_half(x)), 3),
    "a gate": (gated, 6),
    "halves and what comes of one": (with_all_that_came_before, 6),
    "thirds of a sum": (added_before_and_after, 4),
    "two layers side by side": (lambda x: gated(L.Concatenate()([x, L.Conv2D(12, 1, name="beside")(x)])), 12),
    "along positions": (lambda x: L.Add()(tf.split(x, 2, axis=1)), 12),
}


@pytest.mark.parametrize("case", SPLIT)
def test_split_channels_go_from_each_part(case: str, randomized) -> None:
    build, channels = SPLIT[case]
    inputs = L.Input((8, 8, 3))
    before = L.Conv2D(12, 3, padding="same", name="before")(inputs)
    model = randomized(tf_keras.Model(inputs, L.Conv2D(2, 1)(build(before))))
    group = next(group for group in channel_graph(model).free if "before" in group.writers)
    assert group.channels == channels
    assert_narrow_is_mask(model, {group.name: range(0, channels, 2)})


@pytest.mark.parametrize("sizes", [[4, 8], [6, 6], 12])
def test_parts_that_cannot_lose_the_same_keep_their_channels(sizes) -> None:
    inputs = L.Input((8, 8, 3))
    before = L.Concatenate()([L.Conv2D(5, 1, name="before")(inputs), L.Conv2D(7, 1)(inputs)])
    parts = tf.split(before, sizes, axis=-1)
    graph = channel_graph(tf_keras.Model(inputs, L.Conv2D(2, 1)(L.Concatenate()(parts))))
    frozen = {group.name: group.frozen for group in graph.groups}
    assert "cuts channels into parts that lose different ones" in frozen["before"]


TAKEN = {
    "a slice of channels": lambda x: x[..., :4],
    "one channel": lambda x: x[:, :, :, 0],
    "a channel behind the channels": lambda x: x[..., tf.newaxis],
    "padded channels": lambda x: tf.pad(x, [[0, 0], [0, 0], [0, 0], [1, 1]]),
    "reversed channels": lambda x: tf.reverse(x, [-1]),
}


@pytest.mark.parametrize("case", TAKEN)
def test_layers_that_take_or_move_channels_freeze_them(case: str) -> None:
    inputs = L.Input((8, 8, 3))
    x = TAKEN[case](L.Conv2D(6, 3, padding="same", name="middle")(inputs))
    group = next(
        group for group in channel_graph(tf_keras.Model(inputs, L.Dense(2)(x))).groups if group.name == "middle"
    )
    assert group.frozen is not None


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
    assert [group.writers for group in graph.free] == [("first", "shared")]
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


def test_flatten_before_a_dense_layer(randomized) -> None:
    inputs = L.Input((4, 4, 3))
    flat = L.Flatten()(L.ReLU()(L.Conv2D(6, 3, padding="same", name="first")(inputs)))
    model = randomized(tf_keras.Model(inputs, L.Dense(2, name="dense")(flat)))
    assert_narrow_is_mask(model, {"first": [0, 2, 5]}, images((4, 4, 4, 3)))


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
