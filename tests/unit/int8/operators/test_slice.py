"""Blocks of a tensor: SLICE, and the parts of SPLIT, SPLIT_V and UNPACK."""

import numpy as np
import pytest
from int8graphs.reference import run_reference
from int8graphs.single import Given, check_random_layers, indices, parsed, single
from int8graphs.writer import Writer

from edge_nas.errors import ArtifactError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite


@pytest.mark.parametrize("kind", ["SLICE", "SPLIT", "SPLIT_V", "UNPACK"])
def test_random_layers_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind, 40)


def test_every_part_is_the_reference_s() -> None:
    writer = Writer()
    source = writer.tensor((1, 3, 5), 0.1, 0)
    outputs = [writer.tensor((1, 3, size), 0.1, 0) for size in (2, 3)]
    sizes, axis = writer.constant([2, -1]), writer.constant(-1)
    writer.operator("SPLIT_V", [source, sizes, axis], outputs, {"NumSplits": 2})
    data = writer.finish([source], outputs)
    codes = np.arange(30, dtype=np.int8).reshape(2, 3, 5)
    network = Int8Interpreter(read_tflite(data, "split"))
    found = network.run_all([codes])
    np.testing.assert_array_equal(found[0], codes[:, :, :2])
    for ours, theirs in zip(found, run_reference(data, [codes]), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    # Two operators of ours, both of which are number 0 of the file.
    assert [(operator.index, operator.number, operator.part) for operator in network.graph.operators] == [
        (0, 0, 0),
        (1, 0, 1),
    ]


def test_what_is_not_supported_is_refused() -> None:
    def cut(begin: list[int], size: list[int]) -> object:
        return single("SLICE", [Given((1, 4)), indices(begin), indices(size)], Given((1, 2)), {})

    with pytest.raises(ArtifactError, match=r"begin \[0, 3\] and size \[1, 2\] are no block inside \(1, 4\)"):
        parsed(cut([0, 3], [1, 2]))
    with pytest.raises(ArtifactError, match="expected to have 2 numbers"):
        parsed(cut([0], [1]))
    with pytest.raises(ArtifactError, match="the axis is 0; supported: 1 to 1 or -1 to -1"):
        parsed(single("SPLIT", [indices(0), Given((1, 4))], Given((1, 4)), {"NumSplits": 1}))
    with pytest.raises(ArtifactError, match="4 elements are not divided into 3 parts"):
        parsed(single("SPLIT", [indices(1), Given((1, 4))], Given((1, 1)), {"NumSplits": 3}))
    with pytest.raises(ArtifactError, match=r"the sizes \[3\] are not those of 4 elements"):
        parsed(single("SPLIT_V", [Given((1, 4)), indices([3]), indices(1)], Given((1, 3)), {"NumSplits": 1}))
    with pytest.raises(ArtifactError, match="the option Num is 2; expected: 4"):
        parsed(single("UNPACK", [Given((1, 4, 2))], Given((1, 2)), {"Num": 2, "Axis": 1}))
