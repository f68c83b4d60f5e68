import pytest

from benchmarks.lib.assorted import assorted_network
from benchmarks.lib.networks import random_network
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite


@pytest.mark.parametrize("seed", range(8))
def test_every_family_makes_networks_that_are_read(seed: int) -> None:
    network = random_network(seed)
    assert len(Int8Interpreter(read_tflite(network.data, network.family)).operators) > 3
    assert network.data == random_network(seed).data


def test_rare_operators_are_drawn() -> None:
    kinds = set()
    for seed in range(30):
        graph = read_tflite(assorted_network(seed).data, "assorted")
        kinds |= {operator.kind for operator in graph.operators}
    assert kinds >= {"TRANSPOSE_CONV", "PRELU", "MUL", "PAD", "MAXIMUM", "AVERAGE_POOL_2D", "RESIZE_BILINEAR"}
