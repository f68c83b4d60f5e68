"""Channel groups, one topology per test: who makes, carries and reads the channels, and what is frozen and why."""

import pytest
import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.channels import Reader
from edge_nas.graph.groups import channel_graph
from edge_nas.layers import Elementwise

L = tf_keras.layers


def graph_of(build, shape=(8, 8, 3)):
    inputs = L.Input(shape, name="image")
    return channel_graph(tf_keras.Model(inputs, build(inputs)))


def groups_of(build, shape=(8, 8, 3)):
    return {group.name: group for group in graph_of(build, shape).groups}


def conv(name: str, width: int = 4, size: int = 1, **settings):
    return L.Conv2D(width, size, padding="same", name=name, **settings)


def test_a_chain_carries_its_channels_to_the_next_convolution() -> None:
    def build(x):
        x = L.ReLU(name="relu")(L.BatchNormalization(name="bn")(conv("first")(x)))
        x = L.UpSampling2D(name="up")(L.DepthwiseConv2D(3, padding="same", name="depthwise")(L.MaxPooling2D()(x)))
        return conv("last", 2)(x)

    groups = groups_of(build)
    assert list(groups) == ["space_0", "first", "last"]
    first = groups["first"]
    assert (first.channels, first.writers, first.frozen) == (4, ("first",), None)
    assert first.carriers == ("bn", "depthwise")
    assert first.readers == (Reader("last", 0),)
    assert str(first) == "first: 4 channels of first; read by last; free"
    assert groups["last"].frozen == "the network's output"


def test_an_addition_ties_what_it_adds() -> None:
    def build(x):
        a = L.BatchNormalization(name="bn")(conv("a")(x))
        b = conv("b")(x)
        return conv("last")(L.Add(name="sum")([a, b]))

    group = next(group for group in groups_of(build).values() if "a" in group.writers)
    assert sorted(group.writers) == ["a", "b"]
    assert group.carriers == ("bn",)
    one, other = group.writers
    assert str(group) == f"{one}: 4 channels of {one}, tied with {other}; read by last; free"


def test_a_concatenation_puts_groups_side_by_side() -> None:
    def build(x):
        a, b = conv("a", 4)(x), conv("b", 5)(x)
        x = L.Concatenate()([a, b, a])
        return conv("last", 2)(x)

    graph = graph_of(build)
    groups = {group.name: group for group in graph.groups}
    assert groups["a"].readers == (Reader("last", 0), Reader("last", 9))
    assert groups["b"].readers == (Reader("last", 4),)
    stays = graph.kept_channels(graph.layers["last"].inputs[0], {"a": [1, 3], "b": [0]})
    assert stays == [1, 3, 4, 10, 12]
    assert {group.name for group in graph.free} == {"a", "b"}


def test_concatenations_that_are_added_tie_segment_by_segment() -> None:
    def build(x):
        left = L.Concatenate()([conv("a", 2)(x), conv("b", 3)(x)])
        right = L.Concatenate()([conv("c", 2)(x), conv("d", 3)(x)])
        return conv("last")(L.Add()([left, right]))

    groups = groups_of(build)
    assert {frozenset(group.writers) for group in groups.values()} >= {frozenset("ac"), frozenset("bd")}


def test_an_addition_of_rows_that_are_cut_differently_freezes_them() -> None:
    def build(x):
        left = L.Concatenate()([conv("a", 2)(x), conv("b", 3)(x)])
        return conv("last")(L.Add(name="sum")([left, conv("c", 5)(x)]))

    groups = groups_of(build)
    assert {groups[name].frozen for name in "abc"} == {"sum ties channels that are cut differently"}


def test_an_attention_map_of_one_channel_stays_and_what_it_weighs_is_free() -> None:
    def build(x):
        weighed = L.Multiply(name="weigh")([conv("map", 1)(x), conv("features", 5)(x)])
        return conv("last", 2)(weighed)

    graph = graph_of(build)
    frozen = {group.name: group.frozen for group in graph.groups}
    assert (frozen["map"], frozen["features"]) == ("weigh spreads its one channel over 5", None)
    assert len(graph.kept_channels(graph.layers["last"].inputs[0], {})) == 5


def test_a_depthwise_layer_on_the_image_freezes_the_image() -> None:
    groups = groups_of(lambda x: conv("last")(conv("mix")(L.DepthwiseConv2D(3, name="depthwise")(x))))
    image = groups["space_0"]
    assert (image.channels, image.carriers, image.frozen) == (3, ("depthwise",), "the network's input")
    assert "of the network's input" in str(image)
    assert groups["mix"].frozen is None


def test_of_a_convolution_in_groups_whole_groups_go_with_what_they_read_and_make() -> None:
    def build(x):
        x = conv("halved", 4, groups=4)(conv("wide", 12, groups=4)(conv("a", 8)(x)))
        return conv("last")(conv("single", 4, groups=4)(conv("b")(x)))

    graph = graph_of(build)
    a, b = (next(group for group in graph.groups if group.name == name) for name in "ab")
    assert (a.channels, a.together, a.frozen, a.carriers) == (4, 2, None, ("wide", "halved"))
    assert "each of them stands for 2 successive channels, which go together" in a.describe()
    assert graph.kept_channels(graph.layers["wide"].inputs[0], {"a": [1, 3]}) == [2, 3, 6, 7]
    assert graph.kept_channels(graph.layers["wide"].output, {"a": [1, 3]}) == [3, 4, 5, 9, 10, 11]
    assert a.readers == (Reader("b", 0, 1),)
    assert (b.channels, b.frozen, b.carriers) == (4, None, ("single",))


def test_a_group_of_channels_of_two_layers_is_frozen() -> None:
    groups = groups_of(
        lambda x: conv("last")(conv("both", 8, groups=2)(L.Concatenate()([conv("a", 3)(x), conv("b", 5)(x)])))
    )
    reason = "both reads channels of several layers in one group"
    assert groups["a"].frozen == groups["b"].frozen == groups["both"].frozen == reason


def test_a_depth_multiplier_puts_copies_of_a_channel_side_by_side() -> None:
    def build(x):
        x = L.DepthwiseConv2D(3, depth_multiplier=3, name="thrice")(conv("first", 2)(x))
        return conv("last")(L.Concatenate()([conv("side", 2)(x), x]))

    graph = graph_of(build)
    first = next(group for group in graph.groups if group.name == "first")
    assert (first.frozen, first.carriers, first.readers) == (
        None,
        ("thrice",),
        (Reader("side", 0, 3), Reader("last", 2, 3)),
    )
    assert first.places("last").tolist() == [[2, 5], [3, 6], [4, 7]]
    assert graph.kept_channels(graph.layers["last"].inputs[0], {"first": [1]}) == [0, 1, 5, 6, 7]


def test_a_convolution_called_twice_ties_its_inputs() -> None:
    def build(x):
        shared = conv("shared")
        return conv("last")(L.Concatenate()([shared(conv("a")(x)), shared(conv("b")(x))]))

    groups = groups_of(build)
    assert frozenset("ab") in {frozenset(group.writers) for group in groups.values()}
    assert groups["shared"].readers == (Reader("last", 0), Reader("last", 4))


def test_an_activation_called_on_different_widths_ties_nothing() -> None:
    relu = L.ReLU()
    groups = groups_of(lambda x: conv("last")(relu(conv("b", 5)(relu(conv("a", 4)(x))))))
    assert (groups["a"].channels, groups["b"].channels) == (4, 5)
    assert groups["a"].frozen is groups["b"].frozen is None


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (L.Activation("softmax", name="soft"), "soft applies softmax, which may look across channels"),
        (L.Softmax(name="soft"), "soft looks across channels"),
        (L.Activation(lambda x: x[..., ::-1], name="odd"), "odd applies <lambda>, which may look across channels"),
        (L.LayerNormalization(axis=[2, 3], name="norm"), "norm normalises axes [2, 3], not the channels alone"),
        (L.Reshape((8, 16, 2), name="cut"), "cut cuts 4 channels into rows of 2"),
        (L.Permute((3, 1, 2), name="turn"), "turn moves the channels to another axis"),
        (L.BatchNormalization(axis=1, name="rows"), "rows normalises axis 1, not the channels"),
        (L.Rescaling([1.0, 2.0, 3.0, 4.0], name="scale"), "scale has a number per channel"),
        (L.MaxPooling2D(1, data_format="channels_first", name="pool"), "MaxPooling2D 'pool' has its channels first"),
        (L.Lambda(lambda x: x, name="own"), "no channel rule for Lambda 'own'"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_is_not_understood_freezes_what_it_reads(layer, reason: str) -> None:
    assert groups_of(lambda x: conv("last")(layer(conv("first")(x))))["first"].frozen == reason


def test_softmax_inside_a_convolution_freezes_its_channels() -> None:
    groups = groups_of(lambda x: conv("last")(conv("soft", activation="softmax")(conv("first", activation="relu")(x))))
    assert groups["soft"].frozen == "soft applies softmax, which may look across channels"
    assert groups["first"].frozen is None


def test_a_dense_layer_behind_flatten_sees_the_channels_once_per_position() -> None:
    groups = groups_of(lambda x: L.Dense(2, name="dense")(L.Flatten(name="flat")(conv("first")(x))), (2, 3, 3))
    first = groups["first"]
    assert first.frozen is None
    assert first.readers == tuple(Reader("dense", 4 * position) for position in range(6))
    assert first.reader_layers == ("dense",)
    assert first.places("dense").tolist() == [[4 * position + channel for channel in range(4)] for position in range(6)]


def test_layers_that_pass_or_carry_channels() -> None:
    def build(x):
        x = L.PReLU(shared_axes=[1, 2], name="prelu")(L.LayerNormalization(name="norm")(conv("first")(x)))
        x = L.Permute((2, 1, 3))(L.Reshape((8, 8, 4))(L.Reshape((64, 4))(x)))
        x = L.Conv2DTranspose(5, 2, name="grow")(tf.abs(tf.clip_by_value(x, -1.0, 1.0)) * 2.0)
        return conv("last")(L.SeparableConv2D(3, 3, name="separable")(x))

    groups = groups_of(build)
    assert [groups[name].frozen for name in ("first", "grow", "separable")] == [None] * 3
    assert groups["first"].carriers == ("norm", "prelu")
    assert groups["first"].reader_layers == ("grow",)


def test_a_group_tells_in_words_who_is_coupled_with_whom_and_why() -> None:
    def build(x):
        a = L.BatchNormalization(name="bn")(conv("a")(x))
        x = L.Add(name="sum")([a, conv("b")(x)])
        return conv("last")(L.Concatenate(name="join")([conv("side", 2)(x), x]))

    groups = groups_of(build)
    group = next(group for group in groups.values() if "a" in group.writers)
    one, other = group.writers
    assert group.describe().splitlines() == [
        f"{one}: 4 channels",
        f"  made by {one} and {other}",
        "  tied by sum: one channel of each goes with the same channel of the others",
        "  carried by bn, with parameters per channel",
        "  read by side, as channels 0 to 3 of its input",
        "  read by last, as channels 2 to 5 of its input",
        "  free: channels may be removed",
    ]
    assert groups["last"].describe().endswith("  frozen: the network's output")


def test_pooling_before_a_dense_layer_keeps_the_channels_free() -> None:
    groups = groups_of(lambda x: L.Dense(2, name="dense")(L.GlobalAveragePooling2D()(conv("first")(x))))
    assert groups["first"].frozen is None
    assert groups["first"].readers == (Reader("dense", 0),)


def test_several_outputs_of_one_layer_are_frozen() -> None:
    class Halves(L.Layer):
        def call(self, x):
            return x[..., :1], x[..., 1:]

    def build(x):
        one, three = Halves(name="halves")(conv("first")(x))
        return conv("last")(L.Concatenate()([conv("a")(one), conv("b")(three)]))

    graph = graph_of(build)
    frozen = {group.name: (group.channels, group.frozen) for group in graph.groups}
    assert frozen["first"] == (4, "no channel rule for Halves 'halves'")
    assert (1, "halves has 2 outputs") in frozen.values()
    assert (3, "halves has 2 outputs") in frozen.values()
    assert {"a", "b"} <= {group.name for group in graph.free}


def test_operators_without_a_rule_and_scalars_are_frozen() -> None:
    groups = groups_of(lambda x: conv("last")(conv("first")(x) * tf.reduce_mean(conv("second")(x))))
    assert "takes tensors of different rank" in groups["first"].frozen
    assert "looks across channels or images" in groups["second"].frozen
    tf_keras.backend.clear_session()  # Keras numbers calls of one kind through a whole process
    groups = groups_of(lambda x: conv("last")(tf.nn.softmax(conv("first")(x))))
    assert groups["first"].frozen == "tf.nn.softmax 'tf.nn.softmax' has no channel rule"
    groups = groups_of(lambda x: conv("last")(conv("first")(x) * tf.range(4.0)))
    assert "has a number per channel" in groups["first"].frozen


def test_a_custom_layer_may_name_its_rule() -> None:
    class Halve(L.Layer):
        channel_rule = Elementwise()

        def call(self, x):
            return x / 2.0

    groups = groups_of(lambda x: conv("last")(Halve()(conv("first")(x))))
    assert groups["first"].frozen is None


def test_channels_that_nobody_reads_are_frozen() -> None:
    inputs = L.Input((8, 8, 3))
    x = conv("first")(inputs)
    side = L.GlobalAveragePooling2D()(x)
    groups = {group.name: group for group in channel_graph(tf_keras.Model(inputs, [conv("last")(x), side])).groups}
    assert groups["first"].frozen == "the network's output"


def test_a_model_that_is_not_flat_is_refused() -> None:
    class Net(tf_keras.Model):
        def call(self, x):
            return x

    with pytest.raises(GraphError, match=r"is not a flat graph: use edge_nas\.graph\.flatten"):
        channel_graph(Net())


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        ({"nobody": [0]}, "no channel group 'nobody'; known: space_0, first, last"),
        ({"last": [0]}, "channel group 'last' is frozen: the network's output"),
        ({"space_0": [0]}, "channel group 'space_0' is frozen: the network's input"),
        ({"first": []}, r"kept indices \[\] must be ascending, from 0 to 3, and at least one"),
        ({"first": [2, 1]}, r"kept indices \[2, 1\] must be ascending"),
        ({"first": [1, 1]}, r"kept indices \[1, 1\] must be ascending"),
        ({"first": [-1, 1]}, r"kept indices \[-1, 1\] must be"),
        ({"first": [0, 4]}, r"kept indices \[0, 4\] must be"),
    ],
)
def test_wrong_kept_indices_are_refused(kept, message: str) -> None:
    graph = graph_of(lambda x: conv("last", 2)(conv("first")(x)))
    with pytest.raises(GraphError, match=message):
        graph.check(kept)


@pytest.mark.parametrize(
    "activation",
    [
        *("relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "swish", "silu", "mish", "sigmoid", "hard_sigmoid"),
        *("tanh", "softplus", "softsign", "exponential", "linear", L.LeakyReLU(0.1), L.ReLU(6.0)),
    ],
    ids=lambda activation: activation if isinstance(activation, str) else type(activation).__name__,
)
def test_elementwise_activations_leave_their_group_free(activation) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 1, activation=activation, name="wide")(inputs)
    groups = {group.name: group for group in channel_graph(tf_keras.Model(inputs, L.Conv2D(1, 1)(x))).groups}
    assert groups["wide"].frozen is None


def test_what_reads_rows_of_channels_makes_free_ones() -> None:
    inputs = L.Input((8, 6))
    x = L.Conv2D(12, 3, padding="same", name="made")(L.Reshape((8, 6, 1))(inputs))
    model = tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x))
    assert {group.name: group.frozen for group in channel_graph(model).groups} == {
        "space_0": "the network's input",
        "space_1": "the network's input",
        "made": None,
        "logit": "the network's output",
    }
