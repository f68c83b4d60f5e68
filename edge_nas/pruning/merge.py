"""The channel merge: the kernel that a reader starts from where its rows are too few to solve for one.

A dense layer behind Flatten has one row per image and thousands of unknowns. Least squares leave most of its kernel as
it was cut, without the removed channels. But how the removed channels follow from the kept ones is the same at every
position, and is known from all of them:

    original channels ≈ kept channels · T + constant        T: (kept, channels), solved over N · H · W rows
    kernel = T · original kernel, at every position          what the ridge then draws towards

`nearest` is the same with one kept channel for each, two unknowns: all that can be told of a dense layer's units from
fewer images than units. Which start and how strong a ridge are best is asked of held-out images (`starting_kernel`).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from edge_nas.core.arrays import Array, Floats, Inputs, Places
from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.layers.kernels import LinearKernel
from edge_nas.layers.patches import kernel_of
from edge_nas.pruning.evidencerows import CutLayout
from edge_nas.pruning.regression import Regression, solve_held
from edge_nas.results.prune import StartName

_STARTS: tuple[StartName, ...] = ("cut", "merge", "nearest")
_MERGE_RIDGE = 1e-5
"""Of T. As small as that of the choice of channels: there are many rows, and what is drawn to zero is lost."""
_MERGE_ROWS = 10_000
"""Most rows for T, about: twenty per unknown of a 512-channel group, in 0.2 s."""
_RIDGES = (1.0, 30.0, 1000.0)
"""Multiples of the ridge that are tried: from rows that are trusted as ever, to a start that is hardly left."""
TRIAL_ROWS = 600
"""Most rows of all trials of a reader, which bounds them to 0.2 s on one core."""
_HELD_OUT = 4
"""Every fourth image is held out."""


class StartingKernel(NamedTuple):
    """What the ridge draws a reader's kernel towards, (row length, outputs), by name, and how strong the ridge is."""

    kernel: Array
    name: StartName
    ridge: float


@dataclass(frozen=True)
class ChannelPairs:
    """The channels of one group in both networks, at the same places.

    Attributes:
        narrowed: (N, sights, kept channels): of each image, every place where the tensor holds the group.
        original: (N, sights, channels).
        kept: which channels of the original the narrowed ones are.
    """

    narrowed: Inputs
    original: Inputs
    kept: Sequence[int]

    def of_images(self, images: Places) -> "ChannelPairs":
        """Returns the pairs of some of the images."""
        return ChannelPairs(self.narrowed[images], self.original[images], self.kept)

    def unexplained(self) -> float:
        """Returns the largest share of a channel's variance that the merge does not explain, [0, 1]; 0: none varies."""
        original = self.original.reshape(-1, self.original.shape[-1]).astype(np.float64)
        merged = self.narrowed.reshape(len(original), -1).astype(np.float64) @ self.merge("merge")
        variances = original.var(axis=0)
        shares = np.divide(
            (original - merged).var(axis=0), variances, out=np.zeros_like(variances), where=variances > 0
        )
        return float(shares.max(initial=0.0))

    def merge(self, name: StartName) -> Array:
        """Returns T (kept channels, channels): how all channels follow from the kept ones."""
        selection: Array = np.zeros((len(self.kept), self.original.shape[-1]))
        selection[np.arange(len(self.kept)), list(self.kept)] = 1.0
        if name == "cut":
            return selection
        values = np.concatenate([self.narrowed, self.original], axis=-1).reshape(-1, sum(selection.shape))
        moments = StreamingCovariance(values.shape[1])
        moments.update(values)
        if name == "merge":
            regression = Regression(moments, selection, _MERGE_RIDGE, with_bias=True)
            return regression.solve_first()[0]
        return _nearest(moments.covariance(), selection)


def _nearest(covariance: Array, selection: Array) -> Array:
    """Returns T with one entry per removed channel: its regression on the kept one that explains most of it."""
    kept = len(selection)
    variances = np.diag(covariance)[:kept]
    cross = covariance[:kept, kept:]
    slopes = np.divide(cross, variances[:, None], out=np.zeros_like(cross), where=variances[:, None] > 0)
    best = np.argmax(slopes * cross, axis=0)  # the explained variance
    removed = selection.sum(axis=0) == 0
    merge = selection.copy()
    merge[best[removed], np.flatnonzero(removed)] = slopes[best[removed], np.flatnonzero(removed)]
    return merge


def channel_pairs(cut: CutLayout, narrowed: Inputs, original: Inputs) -> dict[int, ChannelPairs]:
    """Returns the channels of each group in a tensor, side by side in both networks, by the number of the group.

    Args:
        cut: the channels of the tensor.
        narrowed: the tensor in the narrowed network, (N, ..., kept channels).
        original: in the original, (N, ..., channels).
    """
    pairs = {}
    images, positions = len(original), math.prod(original.shape[1:-1])
    rows_per_image = math.ceil(_MERGE_ROWS / images)
    chosen = np.random.default_rng(0).permutation(positions)[:rows_per_image]
    narrowed = narrowed.reshape(images, positions, -1)[:, chosen]
    original = original.reshape(images, positions, -1)[:, chosen]
    for space in cut.spaces:
        kept = cut.kept_of(space)
        places, narrowed_places = cut.places(space)
        # Several sights at each position are as many rows: then some of them are left out, evenly.
        sights = slice(None, None, math.ceil(len(places) * len(chosen) / rows_per_image))
        pairs[space] = ChannelPairs(
            narrowed[..., narrowed_places[sights]].reshape(images, -1, len(kept)),
            original[..., places[sights]].reshape(images, -1, places.shape[1]),
            kept,
        )
    return pairs


def merged_kernel(layer: Any, cut: CutLayout, merges: Mapping[int, Array], original_kernel: Floats) -> Array:
    """Returns the kernel matrix of the narrowed reader that computes T · original kernel.

    Args:
        layer: the reader in the original network.
        cut: the channels of its input.
        merges: T of every group among them.
        original_kernel: (row length, outputs).
    """
    channels = sum(segment.width for segment in cut.layout)
    by_channel = _by_channel(kernel_of(layer), layer, channels)
    values = np.asarray(original_kernel, np.float64)[by_channel]  # (channels, places of each, outputs)
    merged: Array = np.zeros((len(cut.kept_channels), *values.shape[1:]))
    for space, merge in merges.items():
        for sight, narrowed_sight in zip(*cut.places(space), strict=True):
            merged[narrowed_sight] = np.tensordot(merge, values[sight], axes=1)
    # The narrowed row has the order of the original's, with fewer channels.
    order = np.argsort(by_channel[cut.kept_channels].ravel(), kind="stable")
    return merged.reshape(-1, original_kernel.shape[1])[order]


def _by_channel(kernel: LinearKernel, layer: Any, channels: int) -> Places:
    """Returns which entries of a row belong to each channel of the input, (channels, entries of each)."""
    first = kernel.row_places(layer, channels, [0])
    step = int(kernel.row_places(layer, channels, [1])[0] - first[0]) if channels > 1 else 0
    return np.asarray(np.add.outer(np.arange(channels) * step, first))


class Rows(NamedTuple):
    """Some rows of a reader, their targets, and the image that each comes from."""

    rows: Array
    targets: Array
    images: Places


def starting_kernel(
    kernels: Callable[[StartName, Places], Array], rows: Rows, images: int, ridge: float, *, with_bias: bool
) -> StartingKernel:
    """Returns the start and the ridge with which the kernel does best on images that it was not solved on.

    Args:
        kernels: returns the start of a name, made from these images.
        rows: at most `TRIAL_ROWS`, of all images.
        images: how many there are.
        ridge: as it was asked for.
        with_bias: see `Regression`.
    """
    all_images = np.arange(images)
    learnt = all_images % _HELD_OUT != _HELD_OUT - 1
    if learnt.all():  # too few to hold one out
        return StartingKernel(kernels("cut", all_images), "cut", ridge)
    solved_on = learnt[rows.images]
    errors: dict[tuple[StartName, float], float] = {}
    for name in _STARTS:
        start = kernels(name, all_images[learnt])
        for factor in _RIDGES:
            kernel, bias = solve_held(
                rows.rows[solved_on], rows.targets[solved_on], start, ridge * factor, with_bias=with_bias
            )
            residual = rows.rows[~solved_on] @ kernel + bias - rows.targets[~solved_on]
            errors[name, factor] = float(np.mean(residual**2))
    name, factor = min(errors, key=lambda choice: errors[choice])
    return StartingKernel(kernels(name, all_images), name, ridge * factor)
