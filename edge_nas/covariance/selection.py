"""Which channels to remove: second-order elimination with the covariance as Hessian."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from edge_nas.core.arrays import Array


class Elimination(NamedTuple):
    """The order in which channels went, and the share of signal each took with it when it went."""

    removed: tuple[int, ...]
    losses: tuple[float, ...]

    def first(self, count: int) -> "Elimination":
        """Returns the first `count` removals."""
        return Elimination(self.removed[:count], self.losses[:count])

    def kept(self, channels: int) -> tuple[int, ...]:
        """Returns the indices that are kept, ascending."""
        return tuple(sorted(set(range(channels)) - set(self.removed)))


def eliminate(covariances: Sequence[Array], weights: Sequence[Array], keep: int, ridge: float = 1e-5) -> Elimination:
    """Returns the greedy backward elimination of channels down to `keep`.

    Reader c sees inputs with covariance C_c and reads them through M_c = Σ_taps W Wᵀ. Removing channel j, with the
    others compensating as well as they can, costs ‖B_j‖² / P_jj, where M = B Bᵀ and P = (C + ridge)⁻¹: Optimal Brain
    Surgeon (Hassibi & Stork 1993) on channels, with the input covariance as Hessian. After each removal
    B −= (P_·j / P_jj) B_j and P −= P_·j P_j· / P_jj.

    Args:
        covariances: per reader, C_c (n, n).
        weights: per reader, M_c (n, n), positive semi-definite.
        keep: how many channels are kept, 1 to n.
        ridge: relative to the mean variance of each reader; by default just enough for the inverse of a covariance
            of fewer dimensions than channels.

    A loss of 1 is all of the readers' signal; each reader counts alike, whatever its scale.
    """
    readers = [_Reader(covariance, weight, ridge) for covariance, weight in zip(covariances, weights, strict=True)]
    kept = list(range(len(covariances[0])))
    removed: list[int] = []
    losses: list[float] = []
    while len(kept) > keep:
        costs = np.zeros(len(kept))
        for reader in readers:
            costs += reader.costs(kept)
        cheapest = kept.pop(int(np.argmin(costs)))
        removed.append(cheapest)
        losses.append(float(costs.min()) / len(readers))
        for reader in readers:
            reader.remove(cheapest)
    return Elimination(tuple(removed), tuple(losses))


def eliminate_explained(covariances: Sequence[Array], ridge: float = 1e-5) -> Elimination:
    """Returns the greedy elimination, down to one channel, of the channel that those left explain best.

    What a channel j has of its own among those left is 1 − R²_j = 1 / (C_jj P_jj), P = (C + ridge)⁻¹; each covariance
    counts alike. A loss is that share, divided by the number of channels.

    Args:
        covariances: of the same channels, (n, n) each.
        ridge: relative to the mean variance.
    """
    count = len(covariances[0])
    variances: list[Array] = []
    inverses: list[Array] = []
    for covariance in covariances:
        loaded = covariance.copy()
        np.fill_diagonal(loaded, np.diag(covariance) + ridge * np.trace(covariance) / count + np.finfo(float).eps)
        variances.append(np.diag(loaded))
        inverses.append(np.asarray(np.linalg.inv(loaded), np.float64))
    kept = list(range(count))
    removed: list[int] = []
    losses: list[float] = []
    while len(kept) > 1:
        unexplained = np.zeros((len(covariances), len(kept)))
        for row, variance, inverse in zip(unexplained, variances, inverses, strict=True):
            row[:] = 1.0 / (variance[kept] * np.diag(inverse)[kept])
        own = unexplained.mean(axis=0)
        cheapest = kept.pop(int(np.argmin(own)))
        removed.append(cheapest)
        losses.append(float(own.min()) / count)
        for inverse in inverses:
            _take_out(inverse, cheapest)
    return Elimination(tuple(removed), tuple(losses))


class _Reader:
    """A reader whose kept channels make up for the removed ones.

    `_inverse`: P of the kept channels, (n, n). `_factor`: B, (n, n), of the weights with the compensation in them.
    """

    def __init__(self, covariance: Array, weight: Array, ridge: float) -> None:
        count = len(covariance)
        loading = ridge * np.trace(covariance) / count + np.finfo(float).eps
        self._inverse: Array = np.linalg.inv(covariance + loading * np.eye(count))
        signal = float(np.sum(weight * covariance))
        values, vectors = np.linalg.eigh(weight / (signal if signal > 0 else 1.0))
        # Rounding makes the smallest eigenvalues of a semi-definite matrix negative.
        self._factor: Array = vectors * np.sqrt(np.clip(values, 0.0, None))

    def costs(self, channels: Sequence[int]) -> Array:
        """Returns what the removal of each channel would cost next, as a share of the reader's signal."""
        rows = self._factor[channels]
        costs: Array = np.sum(rows**2, axis=1) / np.diag(self._inverse)[channels]
        return costs

    def remove(self, channel: int) -> None:
        """Takes a channel out and lets the others make up for it."""
        compensation = _take_out(self._inverse, channel)
        self._factor -= np.outer(compensation, self._factor[channel])
        self._factor[channel] = 0.0


def _take_out(inverse: Array, channel: int) -> Array:
    """Makes P that of one channel less, in place, and returns by how much the others make up for it, P_·j / P_jj."""
    compensation: Array = inverse[:, channel] / inverse[channel, channel]
    inverse -= np.outer(compensation, inverse[channel])
    inverse[channel, :] = 0.0
    inverse[:, channel] = 0.0
    inverse[channel, channel] = 1.0  # so that a removed channel has no part in anything, and can be divided by
    return compensation
