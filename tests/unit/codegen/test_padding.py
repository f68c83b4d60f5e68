"""PAD disappears into the convolutions that read it, and not where anything else does."""

from pathlib import Path

import numpy as np
from codegraphs import Case, run_merged

from edge_nas.codegen import compile_tflite
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.int8.sketch import Sketch, Window

VALID = Window(padding="valid")


def padded_networks() -> list[bytes]:
    """Networks whose PADs are read by dense, gathered, depthwise and dilated windows, on either side, with strides."""
    net = Sketch((9, 11, 3))
    x = net.convolution(net.pad(net.input, 1, 1, 1, 1), 8, VALID)
    x = net.depthwise(net.pad(x, 0, 1, 0, 1), Window(strides=(2, 2), padding="valid"))
    x = net.depthwise(net.pad(x, 2, 2, 2, 2), Window((5, 5), padding="valid"))
    first = net.finish(net.convolution(net.pad(x, 2, 1, 0, 2), 20, Window(padding="valid", dilations=(2, 2))))
    net = Sketch((6, 7, 5))
    y = net.pad(net.input, 1, 1, 1, 1)
    both = net.add(net.convolution(y, 6, VALID), net.depthwise(net.convolution(y, 6, VALID)))
    # Rows that a window of its own padding sees as well, and an enlarged image.
    same = net.convolution(net.pad(both, 0, 2, 1, 1), 10, Window(strides=(2, 1)))
    return [first, net.finish(net.depthwise(net.pad(net.upsample(same), 1, 1, 1, 1), VALID))]


def test_padded_convolutions_give_the_same_bytes_without_a_copy(tmp_path: Path) -> None:
    cases, expected = [], []
    for data in padded_networks():
        interpreter = Int8Interpreter(read_tflite(data, "padded"))
        codes = np.random.default_rng(1).integers(-128, 128, (4, *interpreter.graph.tensors[0].shape[1:]), np.int8)
        compiled = compile_tflite(data)
        assert not any("data_movement" in step.function for step in compiled.steps)
        # Every operator is told, the PAD with what has taken it in.
        numbers = {number for step in compiled.steps for number in step.operators}
        assert numbers == set(range(len(interpreter.operators)))
        assert any(step.name.startswith("PAD + ") for step in compiled.steps)
        cases.append(Case(compiled, codes.reshape(4, -1)))
        expected.append(interpreter.run(codes).reshape(4, -1))
    for outputs, right in zip(run_merged(cases, tmp_path), expected, strict=True):
        np.testing.assert_array_equal(outputs, right)


def test_a_pad_that_is_wanted_itself_or_wider_than_the_window_is_copied() -> None:
    net = Sketch((6, 7, 4))
    x = net.pad(net.input, 1, 1, 1, 1)
    read_by_a_sum = net.finish(net.add(x, net.convolution(x, 4)))
    net = Sketch((6, 7, 4))
    wide = net.finish(net.convolution(net.pad(net.input, 3, 0, 0, 0), 4, VALID))
    for data in (read_by_a_sum, wide):
        assert any("data_movement" in step.function for step in compile_tflite(data).steps)
