import pytest
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.cost import keras_cost
from edge_nas.graph.flatten import flatten

layers = tf_keras.layers


def separable_block(x, width: int, name: str):
    for step in (
        layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"{name}_spatial"),
        layers.BatchNormalization(name=f"{name}_norm1"),
        layers.ReLU(name=f"{name}_relu1"),
        layers.Conv2D(width, 1, use_bias=False, name=f"{name}_mix"),
        layers.BatchNormalization(name=f"{name}_norm2"),
        layers.ReLU(name=f"{name}_relu2"),
    ):
        x = step(x)
    return x


@pytest.fixture(scope="module")
def nano_u():
    inputs = x = layers.Input((48, 64, 3))
    for i, width in enumerate((16, 32, 64)):
        x = layers.MaxPooling2D(name=f"pool{i}")(separable_block(x, width, f"down{i}"))
    x = separable_block(x, 64, "middle")
    x = layers.UpSampling2D(name="up2")(layers.UpSampling2D(name="up1")(x))
    x = layers.UpSampling2D(name="up3")(separable_block(x, 32, "up4"))
    return tf_keras.Model(inputs, layers.Conv2D(1, 1, name="logit")(separable_block(x, 16, "up5")))


def test_nano_u_has_its_known_parameters_and_macs(nano_u) -> None:
    cost = keras_cost(nano_u)
    assert cost.params == 12_920 == nano_u.count_params()
    assert cost.macs == 5_928_960  # 5.93 M


def test_nano_u_peaks_where_the_depthwise_works_on_the_upsampled_map(nano_u) -> None:
    assert keras_cost(nano_u).peak_ram_bytes == 2 * 48 * 64 * 32


def test_a_model_and_its_int8_file_agree(tiny_models) -> None:
    cost = keras_cost(tiny_models.keras)
    assert (cost.macs, cost.params, cost.peak_ram_bytes) == (2560, 169, 320)


@pytest.mark.parametrize(
    ("layer", "macs"),
    [
        (layers.Conv2D(6, 3, strides=2, padding="same"), 4 * 4 * 6 * 9 * 4),
        (layers.Conv2D(6, 3, groups=2, dilation_rate=2, padding="same"), 8 * 8 * 6 * 9 * 2),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), 6 * 6 * 8 * 9),
        (layers.SeparableConv2D(6, 3), 6 * 6 * 4 * 9 + 6 * 6 * 4 * 6),
        (layers.Conv2DTranspose(5, 2, strides=2), 8 * 8 * 4 * 5 * 4),
        (layers.Dense(3), 8 * 8 * 4 * 3),
        (layers.PReLU(), 0),
        (layers.AveragePooling2D(), 0),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_macs_of_one_layer(layer, macs: int) -> None:
    inputs = layers.Input((8, 8, 4))
    cost = keras_cost(tf_keras.Model(inputs, layer(inputs)))
    assert cost.macs == macs
    assert cost.params == layer.count_params()


def test_macs_of_a_convolution_over_time() -> None:
    inputs = layers.Input((10, 4))
    assert keras_cost(tf_keras.Model(inputs, layers.Conv1D(6, 3)(inputs))).macs == 8 * 6 * 3 * 4


def test_a_separable_convolution_stores_the_tensor_between_its_halves() -> None:
    inputs = layers.Input((8, 8, 4))
    cost = keras_cost(tf_keras.Model(inputs, layers.SeparableConv2D(2, 3, padding="same", name="s")(inputs)))
    assert cost.peak_ram_bytes == 2 * 8 * 8 * 4
    assert [(layer.name, layer.params) for layer in cost.layers] == [("s/depthwise", 36), ("s/pointwise", 10)]


def test_a_layer_called_twice_works_twice_and_weighs_once() -> None:
    inputs = layers.Input((8, 8, 4))
    shared = layers.Conv2D(4, 1)
    cost = keras_cost(tf_keras.Model(inputs, shared(shared(inputs))))
    assert (cost.macs, cost.params) == (2 * 8 * 8 * 16, 20)


def test_an_activation_shares_the_buffer_only_where_nobody_else_reads_it() -> None:
    inputs = layers.Input((8, 8, 1))
    x = layers.Conv2D(2, 1)(inputs)
    fused = tf_keras.Model(inputs, layers.ReLU()(x))
    assert keras_cost(fused).peak_ram_bytes == 64 + 128
    read_twice = tf_keras.Model(inputs, layers.Add()([x, layers.ReLU()(x)]))
    assert keras_cost(read_twice).peak_ram_bytes == 3 * 128


def test_a_skip_is_alive_until_it_is_added() -> None:
    inputs = layers.Input((8, 8, 4))
    stem = layers.Conv2D(4, 1)(inputs)
    wide = layers.Conv2D(4, 1)(layers.Conv2D(16, 1)(stem))
    cost = keras_cost(tf_keras.Model(inputs, layers.Add()([stem, wide])))
    assert cost.peak_ram_bytes == 256 + 1024 + 256


def test_the_products_of_attention_are_counted() -> None:
    inputs = layers.Input((6, 8))
    model = flatten(tf_keras.Model(inputs, layers.MultiHeadAttention(4, 5, value_dim=3)(inputs, inputs)))
    cost = keras_cost(model)
    projections = 6 * 8 * 4 * (5 + 5 + 3 + 3)
    assert (cost.macs, cost.uncounted) == (projections + 4 * 6 * 6 * (5 + 3), ())


def test_layers_whose_macs_cannot_be_counted_are_named() -> None:
    inputs = layers.Input((8, 4))
    x = layers.LSTM(3, name="memory")(layers.Conv1D(6, 1)(inputs))
    cost = keras_cost(tf_keras.Model(inputs, layers.Dense(2)(x)))
    assert cost.uncounted == ("memory",)
    assert (cost.macs, cost.params) == (8 * 24 + 6, 30 + 4 * 3 * (6 + 3 + 1) + 8)


def test_what_has_no_cost_is_refused_by_name() -> None:
    inputs = layers.Input((8, 4))
    inner = tf_keras.Sequential([layers.Dense(2)], name="nested")
    with pytest.raises(GraphError, match="'nested' is a nested model"):
        keras_cost(tf_keras.Model(inputs, inner(inputs)))
    free = layers.Input((None, None, 3))
    with pytest.raises(GraphError, match="unknown size"):
        keras_cost(tf_keras.Model(free, layers.Conv2D(2, 1)(free)))


def test_a_subclassed_model_must_be_flattened_first() -> None:
    class Net(tf_keras.Model):
        def call(self, x):
            return x

    with pytest.raises(GraphError, match="flatten"):
        keras_cost(Net())
