"""From settings to the formula."""

from typing import Any

import numpy as np
import pytest

from edge_nas.core.preprocessing import AS_THEY_ARE, PIXELS
from edge_nas.data.arrays import ArraysSource
from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.data.scaling import preprocessing_of, scale_caution
from edge_nas.errors import ConfigError
from edge_nas.tasks import Classification


def formula(samples: Any, **settings: Any) -> Any:
    return preprocessing_of(ArraysSource(root="x", input_shape=(2,), **settings), np.asarray(samples))


@pytest.mark.parametrize(
    ("dtype", "values", "settings", "expected"),
    [
        ("uint8", [0, 255], {}, [-1, 1]),
        ("uint8", [0, 255], {"scale": (0.0, 255.0)}, [0, 255]),
        ("uint8", [0, 255], {"scale": (0.0, 1.0)}, [0, 1]),
        ("int8", [-128, 0, 64], {"scale": (-1.0, 1.0)}, [-1, 0, 0.5]),
        ("int16", [-32768, 0, 16384], {"scale": (-1.0, 1.0)}, [-1, 0, 0.5]),
        ("uint16", [0, 65535], {"scale": (0.0, 1.0)}, [0, 1]),
        ("int16", [-2048, 2048], {"scale": (0.0, 1.0), "sensor_range": (-2048.0, 2048.0)}, [0, 1]),
        ("int16", [-100, 100], {"sensor_range": (-100.0, 100.0)}, [-1, 1]),
        ("float32", [-9.81, 9.81], {"sensor_range": (-9.81, 9.81)}, [-1, 1]),
        ("float32", [0.25, 3], {}, [0.25, 3]),
        ("int16", [7, 8], {"scale": "none"}, [7, 8]),
    ],
)
def test_ends_become_what_is_asked_for(dtype: str, values: Any, settings: Any, expected: Any) -> None:
    array = np.array(values, dtype)
    np.testing.assert_allclose(formula(array, **settings).apply(array), expected, atol=1e-6)


def test_pixels_are_the_formula_of_always() -> None:
    assert formula(np.zeros(2, np.uint8)) == PIXELS
    assert formula(np.zeros(2, np.float32)) == AS_THEY_ARE


@pytest.mark.parametrize("shape", [(500, 2), (100, 5, 2)])
def test_standard_gives_each_channel_mean_0_and_deviation_1(shape: tuple[int, ...]) -> None:
    samples = (np.random.default_rng(0).normal(0, 1, shape) * [50, 900] + [1000, -20]).astype(np.int16)
    inputs = formula(samples).apply(samples)
    others = tuple(range(len(shape) - 1))
    np.testing.assert_allclose(inputs.mean(axis=others), 0, atol=1e-4)
    np.testing.assert_allclose(inputs.std(axis=others), 1, atol=1e-4)


def test_a_channel_that_never_varies_becomes_0() -> None:
    samples = np.array([[3, 1], [3, 5]], np.int16)
    assert formula(samples).apply(samples).tolist() == [[0.0, -1.0], [0.0, 1.0]]


def test_floats_have_no_range_of_their_own() -> None:
    with pytest.raises(ConfigError, match=r"samples are float32.*data\.sensor_range=\[LOW, HIGH\]"):
        formula(np.zeros(2, np.float32), scale=(-1.0, 1.0))


@pytest.mark.parametrize(("size", "told"), [(1.0, False), (255.0, True), (0.001, True)])
def test_inputs_of_another_size_are_told(size: float, told: bool) -> None:
    values = (size * np.random.default_rng(0).normal(0, 1, (8, 4))).astype(np.float32)
    split = ImageSet(values, np.arange(8) % 2, tuple("abcdefgh"), None, Classification(("a", "b")), AS_THEY_ARE)
    assert (scale_caution(Dataset(split, split)) is not None) == told
