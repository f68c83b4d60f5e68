"""Random changes of signals."""

import numpy as np
import pytest

from edge_nas.core.config import AugmentationSpec
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.augmentation import training_batches
from edge_nas.data.dataset import ImageSet
from edge_nas.data.signals import ChannelStatistics, changed_signals
from edge_nas.tasks import Classification

tf = pytest.importorskip("tensorflow")

STILL = AugmentationSpec(shift=0.0, amplitude=0.0, noise=0.0)
X = np.random.default_rng(0).normal(3.0, 2.0, (64, 20, 2)).astype(np.float32)
STATISTICS = ChannelStatistics.of(X)


def changed(has_time: bool = True, x: np.ndarray = X, **settings: float) -> np.ndarray:
    spec = STILL.model_copy(update=settings)
    return changed_signals(tf.constant(x), spec, STATISTICS, tf.constant([1, 2]), has_time=has_time).numpy()


def test_nothing_asked_for_changes_nothing() -> None:
    np.testing.assert_array_equal(changed(), X)


def test_a_shift_moves_whole_moments_and_holds_the_ends() -> None:
    ramp = np.broadcast_to(np.arange(20, dtype=np.float32)[:, None], (64, 20, 2))
    moved = changed(x=ramp, shift=0.2)
    steps = moved[:, 10, 0] - 10
    assert set(steps) == set(range(-4, 5))
    expected = np.clip(np.arange(20) + steps[:, None], 0, 19)
    np.testing.assert_array_equal(moved, np.repeat(expected[..., None], 2, axis=2))
    np.testing.assert_array_equal(changed(has_time=False, x=ramp, shift=0.2), ramp)


def test_an_amplitude_scales_around_the_channels_mean() -> None:
    distances = (changed(amplitude=0.3) - STATISTICS.mean) / (X - STATISTICS.mean)
    gains = distances.mean(axis=(1, 2))
    np.testing.assert_allclose(distances, np.broadcast_to(gains[:, None, None], X.shape), atol=1e-3)
    assert gains.min() < 0.8
    assert gains.max() > 1.2
    assert abs(gains - 1).max() <= 0.3 + 1e-6


def test_noise_is_a_share_of_each_channels_deviation() -> None:
    noise = changed(noise=0.5) - X
    np.testing.assert_allclose(noise.std(axis=(0, 1)), 0.5 * STATISTICS.deviation, rtol=0.1)


@pytest.mark.parametrize("shape", [(4,), (6, 2), (3, 4, 2)])
@pytest.mark.parametrize("dtype", ["int16", "float32", "uint8"])
def test_batches_are_the_inputs_to_the_last_bit_without_changes(shape: tuple[int, ...], dtype: str) -> None:
    samples = np.random.default_rng(0).integers(0, 200, (7, *shape)).astype(dtype)
    formula = Preprocessing(divisor=tuple(3.7 + i for i in range(shape[-1])), offset=-0.3)
    split = ImageSet(samples, np.arange(7) % 2, tuple("abcdefg"), None, Classification(("a", "b")), formula)
    batches = list(training_batches(split, AugmentationSpec(), 3, 0, augment=False).as_numpy_iterator())
    x = np.concatenate([inputs for inputs, _ in batches])
    expected = split.inputs()
    assert {row.tobytes() for row in x} == {row.tobytes() for row in expected}
    other = list(training_batches(split, AugmentationSpec(), 3, 0).as_numpy_iterator())
    assert not np.array_equal(np.concatenate([inputs for inputs, _ in other]), x)
