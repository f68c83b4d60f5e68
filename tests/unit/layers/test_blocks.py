"""A kernel by blocks computes what the layer computes, block by block."""

import numpy as np
import pytest
import tf_keras

from edge_nas.layers.blocks import block_rows, has_blocks, joined, kernel_blocks, with_blocks
from edge_nas.layers.patches import kernel_matrix, sample_positions

L = tf_keras.layers
CASES = [
    (L.Conv2D(4, 3, strides=2, padding="same", name="plain"), (7, 9, 6), (1, 54, 4)),
    (L.Conv2D(4, 3, groups=2, padding="same", name="groups"), (6, 7, 6), (2, 27, 2)),
    (L.DepthwiseConv2D(3, padding="same", name="depthwise"), (6, 7, 5), (5, 9, 1)),
    (L.DepthwiseConv2D((3, 2), depth_multiplier=2, name="multiplied"), (6, 7, 5), (5, 6, 2)),
    (L.Conv2DTranspose(4, 3, strides=2, name="transposed"), (4, 5, 3), (1, 27, 4)),
    (L.Dense(4, name="dense"), (6,), (1, 6, 4)),
]


@pytest.mark.parametrize(("layer", "shape", "blocks"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_rows_times_blocks_are_the_layers_output(layer, shape, blocks) -> None:
    inputs = np.random.default_rng(0).normal(size=(3, *shape)).astype(np.float32)
    expected = layer(inputs).numpy()
    kernel = kernel_blocks(layer)
    assert has_blocks(layer)
    assert kernel.shape == blocks
    rows = block_rows(layer, inputs, sample_positions(layer, inputs, 10**6, np.random.default_rng(1)))
    made = np.moveaxis(rows @ kernel, 0, 1).reshape(expected.shape)  # outputs of one block side by side
    np.testing.assert_allclose(made, expected, atol=1e-5)
    np.testing.assert_array_equal(joined(layer, kernel), kernel_matrix(layer))
    for before, after in zip(layer.get_weights(), with_blocks(layer, kernel), strict=True):
        np.testing.assert_array_equal(before, after)


def test_layers_with_two_kernels_or_none_have_no_blocks() -> None:
    assert not any(has_blocks(layer) for layer in (L.SeparableConv2D(2, 3), L.ReLU(), L.LSTM(3)))
