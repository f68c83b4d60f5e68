"""A network of Keras computes each sample by itself, and so does its file, whatever an LSTM keeps from call to call."""

import numpy as np
import pytest
from int8graphs.recurrent import lstm_graph

from edge_nas.runtimes import tflm
from edge_nas.runtimes.litert import LitertRuntime
from edge_nas.runtimes.numpy import NumpyRuntime
from edge_nas.runtimes.reference import run_reference


@pytest.fixture(scope="module")
def data() -> bytes:
    return lstm_graph(1).data


@pytest.fixture(scope="module")
def samples(data: bytes) -> np.ndarray:
    """The same sample three times: successive calls answer differently, samples alike."""
    shape = LitertRuntime(data, reference=True).input_spec.shape
    sample = np.random.default_rng(0).integers(-128, 128, shape).astype(np.int8)
    successive = run_reference(data, [np.repeat(sample, 3, axis=0)])[0]
    assert (successive[0] != successive[2]).any()
    return np.repeat(sample, 3, axis=0)


@pytest.mark.parametrize("runtime", ["reference", "numpy", "child", "tflite-micro"])
def test_samples_stand_alone(runtime: str, data: bytes, samples: np.ndarray) -> None:
    expected = run_reference(data, [samples[:1]])[0]
    if runtime == "tflite-micro" and not tflm.installed():
        pytest.skip(f"tflite-micro is not installed; {tflm.INSTALL_ADVICE}")
    outputs = {
        "reference": lambda: LitertRuntime(data, reference=True).run_int8(samples),
        "numpy": lambda: NumpyRuntime(data).run_int8(samples),
        "child": lambda: run_reference(data, [samples], apart=True)[0],
        "tflite-micro": lambda: tflm.run_stored(data, samples, apart=True),
    }[runtime]()
    assert (outputs == np.repeat(outputs[:1], 3, axis=0)).all()
    if runtime != "tflite-micro":  # which rounds otherwise
        assert (outputs[:1] == expected).all()
