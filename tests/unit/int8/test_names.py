"""Names of tensors, as the converter makes them and shortened."""

import pytest

from edge_nas.int8.names import layer_of


@pytest.mark.parametrize(
    ("name", "layers", "layer"),
    [
        ("net/quant_stem_relu/Relu;net/quant_stem/BiasAdd;net/ReadVariableOp1", (), "stem_relu"),
        ("net/quantize_layer/AllValuesQuantize/Vars", (), "quantize_layer"),
        ("net/quant_block/conv/Relu;net/quant_block/add", (), "block"),
        ("net/quant_block/conv/Relu;net/quant_block/add", ("block", "block/conv"), "block/conv"),
        ("stem", (), "stem"),
        ("block/conv;1", ("block/conv",), "block/conv"),
        ("swish;1", ("swish",), "swish"),
        ("", (), ""),
    ],
)
def test_a_tensor_is_of_its_layer(name: str, layers: tuple[str, ...], layer: str) -> None:
    assert layer_of(name, layers) == layer
