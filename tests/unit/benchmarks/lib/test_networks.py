import itertools

import pytest

from benchmarks.lib.assorted import assorted_network, blocks_network
from benchmarks.lib.networks import random_network
from edge_nas.codegen.compile import plan_network
from edge_nas.codegen.loops.counting import known_block_form
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


def test_blocks_of_every_form_are_drawn_on_one_row_and_on_several() -> None:
    forms = set()
    for seed in range(16):
        network = Int8Interpreter(read_tflite(blocks_network(seed).data, "blocks"))
        program = plan_network(network, arena_limit=1 << 20).plan.program
        for step in program.steps:
            if step.kernel.source == "dense":
                form = known_block_form(program.buffers[step.write].layout.channels)
                forms.add((form, step.kernel.parameters["target"], step.kernel.parameters["rounding"], step.runs == 1))
    layouts, roundings = ("flat", "planar"), ("linear", "relu")
    assert forms == set(itertools.product(("few ", "one ", "full ", ""), layouts, roundings, (False, True)))
