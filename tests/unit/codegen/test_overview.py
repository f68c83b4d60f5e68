"""The comment at the top of edge_model.c: its lines fit, and every operator has one."""

import re

from edge_nas.codegen import compile_tflite


def head(graph, optimize="speed"):
    text = compile_tflite(graph.data, optimize=optimize, arena_limit=1 << 30).files[0].text
    return text[: text.index("*/")].splitlines()


def test_lines_are_no_longer_than_those_of_a_source(hourglass_graph) -> None:
    for optimize in ("speed", "size"):
        assert max(map(len, head(hourglass_graph, optimize))) <= 120


def test_operators_of_one_kernel_have_a_line_each(hourglass_graph) -> None:
    lines = head(hourglass_graph)
    (resize,) = (number for number, line in enumerate(lines) if "RESIZE_NEAREST_NEIGHBOR" in line)
    assert "edge_depthwise3_up2" in lines[resize]
    assert re.fullmatch(r" +\d+ DEPTHWISE_CONV_2D", lines[resize + 1])
