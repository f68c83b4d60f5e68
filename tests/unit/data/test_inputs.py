"""Images in hand become network inputs, whatever holds them."""

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.data.inputs import input_rank, network_inputs
from edge_nas.errors import ConfigError, DataError

PIXELS = np.arange(5 * 2 * 2 * 3, dtype=np.uint8).reshape(5, 2, 2, 3)
SCALED = PIXELS / np.float32(127.5) - 1


def test_pixels_are_scaled_and_other_numbers_are_taken_as_they_are() -> None:
    images, labels, are_scaled = network_inputs(PIXELS, 4)
    assert are_scaled
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, SCALED, atol=1e-6)
    assert labels is None
    for kind in (np.float64, np.int32):
        np.testing.assert_array_equal(network_inputs(PIXELS.astype(kind), 4).images, PIXELS.astype(np.float32))


@pytest.mark.parametrize("batch", [None, 2, 5])
def test_a_dataset_of_pairs_gives_images_and_labels(batch: int | None) -> None:
    dataset = tf.data.Dataset.from_tensor_slices((PIXELS, np.arange(5)))
    images, labels, _ = network_inputs(dataset if batch is None else dataset.batch(batch), 4)
    np.testing.assert_allclose(images, SCALED, atol=1e-6)
    np.testing.assert_array_equal(labels, np.arange(5))


def test_a_dataset_of_images_alone_and_a_limit() -> None:
    dataset = tf.data.Dataset.from_tensor_slices(PIXELS).batch(2)
    assert network_inputs(dataset, 4).labels is None
    np.testing.assert_array_equal(network_inputs(dataset, 4, limit=3).images, network_inputs(PIXELS[:3], 4).images)
    assert len(network_inputs(dataset.repeat(), 4, limit=7).images) == 7


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (PIXELS[0], r"images have shape \(2, 2, 3\); allowed: 4 axes"),
        (PIXELS[:0], r"images have shape \(0, 2, 2, 3\)"),
        (PIXELS.astype(str), "images are <U"),
        (tf.data.Dataset.from_tensor_slices(PIXELS).take(0), "holds no image"),
    ],
    ids=["one image", "no image", "text", "empty dataset"],
)
def test_what_holds_no_images_is_refused(images, message: str) -> None:
    with pytest.raises(DataError, match=message):
        network_inputs(images, 4)


def test_an_endless_dataset_is_refused() -> None:
    with pytest.raises(ConfigError, match="is endless; give dataset"):
        network_inputs(tf.data.Dataset.from_tensor_slices(PIXELS).repeat(), 4)


def test_the_rank_is_as_told_or_as_the_model_knows() -> None:
    row = tf_keras.Sequential([tf_keras.layers.Dense(2)])
    assert input_rank(row, None) == 4
    assert input_rank(row, (6,)) == 2
    row.build((None, 6))
    assert input_rank(row, None) == 2
