from dataclasses import replace

import numpy as np

from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.int8.sketch import HALVING, POINT, Sketch, Window


def run(data: bytes, inputs: np.ndarray) -> np.ndarray:
    return Int8Interpreter(read_tflite(data, "sketch")).run(inputs)


def test_outputs_are_spread_over_the_codes() -> None:
    net = Sketch((12, 16, 3), seed=1)
    x = net.convolution(net.input, 8, HALVING)
    x = net.add(x, net.convolution(net.depthwise(x), 8))
    y = net.convolution(x, 4, POINT, "linear")
    inputs = np.random.default_rng(0).integers(-128, 128, (4, 12, 16, 3), dtype=np.int8)
    outputs = run(net.finish(y), inputs)
    assert outputs.shape == (4, 6, 8, 4)
    assert 8 < outputs.std() < 90


def test_weights_are_as_converters_leave_them() -> None:
    net = Sketch((4, 4, 6))
    graph = read_tflite(net.finish(net.convolution(net.input, 5, Window())), "sketch")
    weights = next(tensor.data for tensor in graph.tensors if tensor.shape == (5, 3, 3, 6))
    assert weights is not None
    assert np.abs(weights.astype(int)).max(axis=(1, 2, 3)).tolist() == [127] * 5


def test_shapes_of_windows() -> None:
    assert HALVING.outputs((5, 8)) == (3, 4)
    assert Window((3, 3), padding="valid").outputs((5, 8)) == (3, 6)
    assert Window((3, 1), padding="valid", dilations=(2, 1)).outputs((7, 8)) == (3, 8)


def test_the_graph_is_what_the_file_is_read_as() -> None:
    net = Sketch((8, 12, 3), seed=2)
    x = net.convolution(net.input, 4, HALVING)
    x = net.add(net.prelu(net.convolution(net.depthwise(x), 4)), x)
    x = net.concatenate([net.bilinear(net.max_pool(x)), net.upsample(net.average_pool(x))])
    x = net.maximum(
        net.pad(net.transpose_convolution(x, 2), 0, 1, 1, 0), net.pad(net.multiply(*[net.input] * 2), 1, 1, 1, 1)
    )
    y = net.softmax(net.logistic(net.dense(net.reshape(net.mean(x, keep=False), (1, 2)), 3)))
    read, made = read_tflite(net.finish(y), "sketch"), net.graph(y, "sketch")
    assert made.operators == read.operators
    assert (made.inputs, made.outputs, made.source) == (read.inputs, read.outputs, read.source)
    for ours, theirs in zip(made.tensors, read.tensors, strict=True):
        assert replace(ours, data=None) == replace(theirs, data=None)
        np.testing.assert_array_equal(ours.data, theirs.data)


def test_the_same_seed_gives_the_same_file() -> None:
    files = []
    for _ in range(2):
        net = Sketch((4, 4, 2), seed=7)
        files.append(net.finish(net.concatenate([net.upsample(net.max_pool(net.input)), net.input])))
    assert files[0] == files[1]
