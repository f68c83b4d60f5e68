"""Every output of a split gets an operator of its own."""

from int8graphs.writer import Writer

from edge_nas.int8.parts import one_output_each
from edge_nas.int8.reader import read_tflite


def test_parts_are_numbered_and_others_stay() -> None:
    writer = Writer()
    source, *outputs = (writer.tensor((1, size), 0.1, 0) for size in (4, 2, 2, 2))
    writer.operator("SPLIT", [writer.constant(1), source], outputs[:2], {"NumSplits": 2})
    writer.operator("RELU", [outputs[1]], [outputs[2]], {})
    graph = read_tflite(writer.finish([source], [outputs[2]]), "split")
    operators = one_output_each(graph).operators
    assert [(operator.kind, operator.part, operator.outputs) for operator in operators] == [
        ("SPLIT", 0, (outputs[0],)),
        ("SPLIT", 1, (outputs[1],)),
        ("RELU", 0, (outputs[2],)),
    ]
    assert operators[2] == graph.operators[1]
