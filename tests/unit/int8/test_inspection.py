import numpy as np
from int8graphs.recurrent import lstm_graph
from int8graphs.single import Given, constant, single

from edge_nas.int8.inspection import inspect_tflite
from edge_nas.int8.intake import TfliteFile
from edge_nas.int8.writer import Writer


def test_constants_and_macs_of_a_dense_layer() -> None:
    weights = constant(np.ones((3, 5)), 0.1)
    options = {"FusedActivationFunction": 0, "WeightsFormat": 0, "KeepNumDims": 0}
    file = TfliteFile(
        single("FULLY_CONNECTED", [Given((1, 5)), weights, None], Given((1, 3)), options).data, ("noted",)
    )
    told = inspect_tflite(file, "dense")
    assert (told.macs, told.params, told.constant_bytes, told.peak_ram_bytes) == (15, 15, 15, 8)
    assert told.notes == ("noted",)
    assert told.refused == ()


def test_what_a_layer_keeps_is_alive_all_the_time() -> None:
    told = inspect_tflite(TfliteFile(lstm_graph(4).data), "lstm")
    (operator,) = told.operators
    units, moments = told.outputs[0].shape[2], told.outputs[0].shape[1]
    inputs = told.inputs[0].shape[2]
    assert operator.live_bytes == moments * (inputs + units) + 3 * units  # hidden codes, and cells of 16 bits


def test_equal_constants_count_once_as_in_c() -> None:
    net, codes = Writer(), np.ones((8, 8), np.int8)
    inputs = [net.tensor([1, 8], 0.1, 0) for _ in range(3)]
    weights = [net.tensor([8, 8], 0.1, 0, data=codes) for _ in range(2)]
    options = {"FusedActivationFunction": 0, "WeightsFormat": 0, "KeepNumDims": 0}
    for before, after, kernel in zip(inputs, inputs[1:], weights, strict=False):
        net.operator("FULLY_CONNECTED", [before, kernel, -1], [after], options)
    told = inspect_tflite(TfliteFile(net.finish([inputs[0]], [inputs[2]])), "two layers")
    assert (told.macs, told.constant_bytes) == (128, 64)
