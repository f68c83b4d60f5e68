"""Files that only tflite-micro runs; their bytes are held against it in `operators/test_svdf.py`."""

import numpy as np
from int8graphs.recurrent import svdf_graph
from int8graphs.single import Given, constant, single

from edge_nas.int8.micro import only_micro_runs, with_micro_rounding
from edge_nas.int8.network import network_of
from edge_nas.int8.reader import read_tflite


def test_an_svdf_with_a_state_of_int8_makes_tflite_micro_the_reference() -> None:
    assert only_micro_runs(read_tflite(svdf_graph(0, "int8").data, "svdf"))
    assert not only_micro_runs(read_tflite(svdf_graph(0, "int16").data, "svdf"))


def test_its_dense_layers_become_convolutions_of_one_pixel() -> None:
    graph = read_tflite(svdf_graph(0, "int8", dense=True).data, "svdf")
    body = network_of(graph).body
    assert [operator.kind for operator in body.operators] == ["SVDF", "RESHAPE", "CONV_2D", "RESHAPE"]
    assert [operator.number for operator in body.operators] == [0, 1, 1, 1]
    source, kernel = (body.tensors[index] for index in body.operators[2].inputs[:2])
    assert source.shape[:3] == (1, 1, 1)
    # The product of scales is that of float32.
    weights = graph.tensors[graph.operators[1].inputs[1]]
    assert source.scales[0] * kernel.scales[0] == float(np.float32(source.scales[0]) * np.float32(weights.scales[0]))


def test_any_other_file_stays_as_it_is() -> None:
    options = {"FusedActivationFunction": 0, "KeepNumDims": 0, "WeightsFormat": 0}
    dense = [Given((1, 4)), constant(np.ones((2, 4)))]
    graph = read_tflite(single("FULLY_CONNECTED", dense, Given((1, 2)), options).data, "dense")
    assert with_micro_rounding(graph) is graph
