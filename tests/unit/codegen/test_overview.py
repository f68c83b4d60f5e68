"""The comment at the top of edge_model.c: its lines fit, and every operator has one."""

import re

import numpy as np
from int8graphs.ends import ended
from int8graphs.writer import Writer

from edge_nas.codegen import compile_tflite


def head(graph, optimize="speed"):
    return head_of(graph.data, optimize)


def head_of(data, optimize="speed"):
    text = compile_tflite(data, optimize=optimize, arena_limit=1 << 30).files[0].text
    return text[: text.index("*/")].splitlines()


def test_lines_are_no_longer_than_those_of_a_source(hourglass_graph) -> None:
    for optimize in ("speed", "size"):
        assert max(map(len, head(hourglass_graph, optimize))) <= 120


def test_operators_of_one_kernel_have_a_line_each(hourglass_graph) -> None:
    lines = head(hourglass_graph)
    (resize,) = (number for number, line in enumerate(lines) if "RESIZE_NEAREST_NEIGHBOR" in line)
    assert "edge_depthwise3_up2" in lines[resize]
    assert re.fullmatch(r" +\d+ DEPTHWISE_CONV_2D", lines[resize + 1])


def test_operators_have_the_numbers_of_the_file_behind_one_that_is_none_of_the_network() -> None:
    """Operator 0 of the file turns reals into codes, which stands beside the network."""
    assert numbers_of(head_of(ended("float32", None))) == ["1 RELU"]


def test_every_part_of_a_split_has_the_number_of_the_split() -> None:
    writer = Writer()
    source, total = writer.tensor((1, 4, 4, 6), 0.1, 0), writer.tensor((1, 4, 4, 3), 0.1, 0)
    halves = [writer.tensor((1, 4, 4, 3), 0.1, 0) for _ in range(2)]
    axis = writer.tensor((), dtype="int32", data=np.int32(3))
    writer.operator("SPLIT", [axis, source], halves, {"NumSplits": 2})
    writer.operator("MAXIMUM", halves, [total], {})
    assert numbers_of(head_of(writer.finish([source], [total]))) == ["0 SPLIT", "0 SPLIT", "1 MAXIMUM"]


def numbers_of(lines):
    return [match[0] for line in lines if (match := re.search(r"\b\d+ [A-Z][A-Z_0-9]+\b", line))]
