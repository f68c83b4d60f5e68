from pathlib import Path

import numpy as np
import pytest
import tflite

from edge_nas.errors import ArtifactError
from edge_nas.int8.cost import OTHERS_WITHOUT_MACS, network_cost, tflite_cost
from edge_nas.int8.graph import Int8Graph, Operator, Tensor
from edge_nas.int8.memory import OperatorNode
from edge_nas.int8.operators import OPERATORS
from edge_nas.int8.reader import read_tflite


def activation(index: int, *shape: int) -> Tensor:
    return Tensor(index, f"t{index}", shape, "int8", (), (), 0, None)


def constant(index: int, *shape: int, dtype: str = "int8") -> Tensor:
    return Tensor(index, f"w{index}", shape, dtype, (), (), 0, np.zeros(shape, dtype))


def one_operator(kind: str, tensors: list[Tensor], inputs: tuple[int, ...], output: int) -> Int8Graph:
    data = tuple(i for i in inputs if i >= 0 and tensors[i].data is None)
    return Int8Graph(tuple(tensors), (Operator(0, kind, inputs, (output,), {}),), data, (output,), "hand.tflite")


def test_the_tiny_file_costs_what_was_counted_by_hand(tiny_models) -> None:
    for path in (tiny_models.int8_tflite, tiny_models.float_tflite):
        cost = tflite_cost(read_tflite(path.read_bytes(), str(path)), path.stat().st_size)
        assert cost.macs == 1728 + 576 + 256
        assert cost.params == 112 + 40 + 5
        assert cost.flash_bytes == path.stat().st_size
        assert [layer.macs for layer in cost.layers] == [1728, 576, 0, 256]
    assert cost.peak_ram_bytes == 4 * 320  # the float file, four bytes per element


def test_peak_ram_of_the_tiny_int8_file(tiny_models) -> None:
    data = tiny_models.int8_tflite.read_bytes()
    cost = tflite_cost(read_tflite(data, "tiny"), len(data))
    assert cost.peak_ram_bytes == 64 + 256
    assert [layer.output_bytes for layer in cost.layers] == [64, 64, 256, 64]


def test_a_grouped_convolution_reads_only_its_group() -> None:
    tensors = [activation(0, 1, 4, 4, 8), constant(1, 6, 3, 3, 4), activation(2, 1, 4, 4, 6)]
    cost = tflite_cost(one_operator("CONV_2D", tensors, (0, 1, -1), 2), 1)
    assert (cost.macs, cost.params) == (4 * 4 * 6 * 3 * 3 * 4, 6 * 3 * 3 * 4)


def test_a_transposed_convolution_counts_by_its_input_and_not_its_shape_tensor() -> None:
    tensors = [
        constant(0, 4, dtype="int32"),
        constant(1, 5, 2, 2, 3),
        activation(2, 1, 4, 4, 3),
        constant(3, 5, dtype="int32"),
        activation(4, 1, 8, 8, 5),
    ]
    cost = tflite_cost(one_operator("TRANSPOSE_CONV", tensors, (0, 1, 2, 3), 4), 1)
    assert (cost.macs, cost.params) == (4 * 4 * 3 * 2 * 2 * 5, 5 * 2 * 2 * 3 + 5)
    assert cost.peak_ram_bytes == 48 + 320


def test_a_product_of_two_activations_has_macs_but_no_parameters() -> None:
    tensors = [activation(0, 2, 3), activation(1, 7, 3), activation(2, 2, 7)]
    cost = tflite_cost(one_operator("FULLY_CONNECTED", tensors, (0, 1, -1), 2), 1)
    assert (cost.macs, cost.params) == (2 * 7 * 3, 0)


def test_weights_used_twice_are_counted_once() -> None:
    tensors = (activation(0, 1, 3), constant(1, 3, 3), activation(2, 1, 3), activation(3, 1, 3))
    operators = (
        Operator(0, "FULLY_CONNECTED", (0, 1), (2,), {}),
        Operator(1, "FULLY_CONNECTED", (2, 1), (3,), {}),
    )
    cost = tflite_cost(Int8Graph(tensors, operators, (0,), (3,), "hand.tflite"), 1)
    assert (cost.macs, cost.params) == (18, 9)


def test_weights_behind_a_dequantize_are_parameters() -> None:
    tensors = (
        activation(0, 1, 3),
        constant(1, 4, 3, dtype="float16"),
        Tensor(2, "weights", (4, 3), "float32", (), (), 0, None),
        activation(3, 1, 4),
    )
    operators = (Operator(0, "DEQUANTIZE", (1,), (2,), {}), Operator(1, "FULLY_CONNECTED", (0, 2), (3,), {}))
    assert tflite_cost(Int8Graph(tensors, operators, (0,), (3,), "hand.tflite"), 1).params == 12


def test_an_operator_whose_macs_are_unknown_is_refused_by_name() -> None:
    tensors = [activation(0, 1, 2, 2), activation(1, 1, 2, 2)]
    with pytest.raises(ArtifactError, match=r"hand\.tflite: operator 0 is CUMSUM"):
        tflite_cost(one_operator("CUMSUM", tensors, (0, 0), 1), 1)


@pytest.mark.parametrize("inputs", [(0,), (0, -1), (0, 2)])
def test_missing_or_misshapen_weights_are_refused(inputs: tuple[int, ...]) -> None:
    tensors = [activation(0, 1, 4, 4, 3), activation(1, 1, 4, 4, 6), constant(2, 6, 3)]
    with pytest.raises(ArtifactError, match=r"operator 0 \(CONV_2D\): input 1"):
        tflite_cost(one_operator("CONV_2D", tensors, inputs, 1), 1)


def test_the_table_of_operators_without_macs_holds_real_names() -> None:
    known = set(tflite.BUILTIN_OPCODE2NAME.values())
    assert known >= OTHERS_WITHOUT_MACS
    assert not OTHERS_WITHOUT_MACS & {*OPERATORS}


def test_network_cost_adds_its_layers_up() -> None:
    nodes = [OperatorNode("a", "A", (0,), (1,), 10, 3), OperatorNode("b", "B", (1,), (2,), 20, 4)]
    cost = network_cost(nodes, {0: 1, 1: 2, 2: 4}, [0], [2], "hand")
    assert (cost.macs, cost.params, cost.peak_ram_bytes, cost.flash_bytes) == (30, 7, 6, None)
    assert [layer.output_bytes for layer in cost.layers] == [2, 4]


@pytest.mark.real_data
def test_the_published_nano_u_has_its_known_macs_and_arena(test_data: Path) -> None:
    path = test_data / "models" / "nano_u" / "nano_u_TinyAgri.tflite"
    cost = tflite_cost(read_tflite(path.read_bytes(), str(path)), path.stat().st_size)
    assert cost.macs == 2_399_200
    assert cost.peak_ram_bytes == 76_800  # the head of the arena that TFLM plans for it
    assert cost.flash_bytes == 34_136
