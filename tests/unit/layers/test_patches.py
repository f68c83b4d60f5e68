"""Patches times kernel is the layer's own convolution, at every position."""

import numpy as np
import pytest
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.layers.patches import has_patches, kernel_matrix, patches, row_places, sample_positions, with_kernel

L = tf_keras.layers
RNG = np.random.default_rng

CASES = [
    *(
        (L.Conv2D(4, kernel, strides=strides, padding=padding, name=f"conv_{kernel}_{strides}_{padding}"), (7, 10, 3))
        for kernel in (1, 3, (2, 5))
        for strides in (1, 2)
        for padding in ("same", "valid")
    ),
    (L.Conv2D(2, 3, strides=2, padding="same", name="even_size"), (8, 6, 3)),
    (L.Conv2D(2, 3, strides=(3, 2), padding="same", name="unequal_strides"), (8, 9, 3)),
    *((L.Conv2D(2, 3, dilation_rate=2, padding=p, name=f"dilated_{p}"), (9, 8, 3)) for p in ("same", "valid")),
    (L.Conv1D(4, 3, padding="same", name="conv1d"), (9, 3)),
    (L.Conv1D(4, 3, strides=2, name="conv1d_strides"), (9, 3)),
    (L.Conv1D(4, 3, dilation_rate=2, padding="causal", name="conv1d_causal"), (9, 3)),
    *(
        (
            L.Conv2DTranspose(4, kernel, strides=strides, padding=padding, name=f"up_{kernel}_{strides}_{padding}"),
            (4, 5, 3),
        )
        for kernel in (1, 3, (2, 4))
        for strides in (1, 2)
        for padding in ("same", "valid")
    ),
    (L.Conv2DTranspose(4, 3, strides=2, padding="same", output_padding=1, name="up_output_padding"), (4, 5, 3)),
    (L.Conv2DTranspose(4, 3, dilation_rate=2, name="up_dilated"), (4, 5, 3)),
    (L.Conv1DTranspose(4, 3, strides=2, padding="same", name="up_1d"), (5, 3)),
    *(
        (L.SeparableConv2D(4, 3, strides=s, padding="same", depth_multiplier=m, name=f"separable_{s}_{m}"), (7, 6, 3))
        for s in (1, 2)
        for m in (1, 2)
    ),
    (L.SeparableConv1D(4, 3, padding="causal", name="separable_1d"), (7, 3)),
    (L.Dense(4, name="dense"), (6,)),
    (L.Dense(4, name="dense_on_rows"), (5, 6)),
    (L.Dense(4, name="dense_on_a_map"), (4, 5, 6)),
]


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_patches_times_kernel_is_the_layers_output(layer, shape) -> None:
    x = RNG(0).normal(size=(3, *shape)).astype(np.float32)
    expected = layer(x).numpy()
    positions = sample_positions(layer, x, 10**6, RNG(1))
    assert len(positions[0]) == expected[..., 0].size
    seen = patches(layer, x, positions) @ kernel_matrix(layer) + layer.get_weights()[-1]
    np.testing.assert_allclose(seen.reshape(expected.shape), expected, atol=1e-5)
    for before, after in zip(layer.get_weights(), with_kernel(layer, kernel_matrix(layer)), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_sample_is_drawn_without_repetition_and_follows_from_its_seed() -> None:
    layer = L.Conv2D(2, 3)
    x = RNG(0).normal(size=(4, 8, 8, 3)).astype(np.float32)
    layer(x)
    first, again, other = (sample_positions(layer, x, 50, RNG(seed)) for seed in (1, 1, 2))
    assert len({tuple(place) for place in np.stack(first, axis=1)}) == 50
    np.testing.assert_array_equal(np.stack(first), np.stack(again))
    assert not np.array_equal(np.stack(first), np.stack(other))
    assert [axis.max() < size for axis, size in zip(first, (4, 6, 6), strict=True)] == [True] * 3


def test_which_layers_have_rows() -> None:
    assert all(has_patches(layer) for layer, _ in CASES)
    assert not has_patches(L.DepthwiseConv2D(3))
    assert not has_patches(L.LSTM(3))


def test_rows_of_a_layer_without_a_known_kernel_are_refused() -> None:
    with pytest.raises(GraphError, match=r"layer 'memory' \(LSTM\) has no kernel that is known as a matrix"):
        kernel_matrix(L.LSTM(3, name="memory"))


@pytest.mark.parametrize(
    "layer",
    [
        L.Conv2D(4, 3, padding="same", name="conv"),
        L.Conv2DTranspose(4, 3, strides=2, name="up"),
        L.SeparableConv2D(4, 3, depth_multiplier=2, name="separable"),
        L.Dense(4, name="dense"),
    ],
    ids=lambda layer: layer.name,
)
def test_the_places_of_kept_channels_are_the_rows_of_a_layer_that_has_only_those(layer) -> None:
    """What a layer sees of images whose other channels are zero, and the entries that are not zero then."""
    x = RNG(0).uniform(1, 2, size=(2, 7, 6, 5)).astype(np.float32)
    layer(x)
    kept = [0, 3, 4]
    x[..., np.setdiff1d(np.arange(5), kept)] = 0.0
    rows = patches(layer, x, sample_positions(layer, x, 10**6, RNG(1)))
    seen = np.flatnonzero(np.any(rows != 0.0, axis=0))
    np.testing.assert_array_equal(row_places(layer, 5, kept), seen)
