"""Ranges of a QAT network before its first step: those of the calibration images in inference, zero included."""

import numpy as np
import pytest
import tensorflow_model_optimization as tfmot
import tf_keras
from tensorflow_model_optimization.python.core.quantization.keras import quant_ops

from edge_nas.errors import DataError
from edge_nas.quantization.ranges import calibrate

L = tf_keras.layers


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.25, (40, 8, 8, 3)).astype(np.float32)


def quantized(randomized):
    inputs = L.Input((8, 8, 3), name="image")
    x = L.Conv2D(4, 3, activation="relu", name="first")(inputs)
    x = L.Dropout(0.5, name="drop")(x)
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="last")(x)))
    return model, tfmot.quantization.keras.quantize_model(model)


def ranges(model) -> dict[str, np.ndarray]:
    names = {weight.name.split(":")[0]: weight.numpy() for weight in model.weights}
    return {name: value for name, value in names.items() if name.endswith(("_min", "_max"))}


def input_range(model) -> tuple[float, float]:
    """TFMOT counts its input layers up in a process."""
    (low,), (high,) = ([v for n, v in ranges(model).items() if n.startswith("quantize_layer") and n.endswith(end)]
                       for end in ("_min", "_max"))  # fmt: skip
    return float(low), float(high)


def test_ranges_are_those_of_inference_on_all_images(randomized, images) -> None:
    model, qat = quantized(randomized)
    calibrate(qat, images, (-1.0, 1.0))
    seen = ranges(qat)
    first = tf_keras.Model(model.inputs, model.get_layer("first").output)(images).numpy()
    logits = model(images).numpy()
    np.testing.assert_allclose(seen["quant_first/post_activation_max"], first.max(), rtol=0.03)
    assert seen["quant_first/post_activation_min"] == 0.0  # zero is always in
    np.testing.assert_allclose(seen["quant_last/post_activation_max"], max(logits.max(), 0.0), rtol=0.05, atol=0.05)
    np.testing.assert_allclose(seen["quant_last/post_activation_min"], min(logits.min(), 0.0), rtol=0.05, atol=0.05)
    kernel = np.abs(model.get_layer("first").get_weights()[0]).max(axis=(0, 1, 2))
    np.testing.assert_allclose(seen["quant_first/kernel_max"], kernel, rtol=1e-5)  # symmetric, per channel


def test_the_inputs_range_is_that_of_all_pixels_where_they_are_known(randomized, images) -> None:
    _, qat = quantized(randomized)
    calibrate(qat, images, (-1.0, 1.0))
    assert input_range(qat) == (-1.0, 1.0)
    _, fresh = quantized(randomized)
    calibrate(fresh, images, None)
    assert input_range(fresh) == pytest.approx((images.min(), images.max()), abs=1e-3)


def test_nothing_but_ranges_moves_and_tfmot_is_as_it_was(randomized, images) -> None:
    _, qat = quantized(randomized)
    operators = [quant_ops.MovingAvgQuantize, quant_ops.LastValueQuantize, quant_ops.AllValuesQuantize]
    before = {weight.name: weight.numpy() for weight in qat.weights}
    calibrate(qat, images, (-1.0, 1.0))
    moved = {w.name for w in qat.weights if not np.array_equal(before[w.name], w.numpy())}
    assert moved
    assert all("_min" in name or "_max" in name for name in moved)
    with pytest.raises(DataError, match="NaN or infinite activations"):
        calibrate(qat, np.full((2, 8, 8, 3), np.nan, np.float32), None)
    assert operators == [quant_ops.MovingAvgQuantize, quant_ops.LastValueQuantize, quant_ops.AllValuesQuantize]


def test_no_images_are_refused(randomized, images) -> None:
    _, qat = quantized(randomized)
    with pytest.raises(DataError, match="needs at least one sample"):
        calibrate(qat, images[:0], (-1.0, 1.0))


def test_dead_activations_get_a_range_that_is_not_empty(randomized, images) -> None:
    model, _ = quantized(randomized)
    model.get_layer("first").set_weights([w * 0 for w in model.get_layer("first").get_weights()])
    qat = tfmot.quantization.keras.quantize_model(model)
    calibrate(qat, images, (-1.0, 1.0))
    seen = ranges(qat)
    assert seen["quant_first/post_activation_max"] > seen["quant_first/post_activation_min"] == 0.0
    assert np.isfinite(qat(images).numpy()).all()
