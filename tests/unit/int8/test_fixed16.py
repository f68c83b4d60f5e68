import numpy as np
import pytest

from edge_nas.int8.fixed16 import MOST_TANH_BITS, sigmoid, tanh

ALL = np.arange(-(2**15), 2**15).astype(np.int16)


def test_a_sigmoid_is_within_a_few_last_bits_of_the_real_one() -> None:
    real = 2**15 / (1 + np.exp(ALL / -(2**12)))
    assert np.abs(sigmoid(ALL) - real).max() < 12
    assert sigmoid(np.zeros(1, np.int16))[0] == 2**14


@pytest.mark.parametrize("bits", range(MOST_TANH_BITS + 1))
def test_a_tanh_is_odd_and_within_a_few_last_bits_of_the_real_one(bits: int) -> None:
    values = tanh(ALL, bits)
    real = 2**15 * np.tanh(ALL / 2 ** (15 - bits))
    assert np.abs(values - real).max() < 24
    assert (values[1 : 2**15] == -values[: 2**15 : -1]).all()
