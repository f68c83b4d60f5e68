"""Which channels to remove: second-order elimination with the covariance as Hessian."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Elimination(NamedTuple):
    """The order in which channels went, and the share of signal each took with it when it went."""

    removed: tuple[int, ...]
    losses: tuple[float, ...]

    def first(self, count: int) -> "Elimination":
        """Returns the first `count` removals."""
        return Elimination(self.removed[:count], self.losses[:count])

    def kept(self, channels: int) -> tuple[int, ...]:
        """Returns the indices that stay, ascending."""
        gone = set(self.removed)
        return tuple(index for index in range(channels) if index not in gone)


def eliminate(covariances: Sequence[Array], weights: Sequence[Array], keep: int, ridge: float = 1e-5) -> Elimination:
    """Returns the greedy backward elimination of channels down to `keep`.

    Reader c sees inputs with covariance C_c and reads them through M_c = Σ_taps W Wᵀ. Removing channel j, with the
    others compensating as well as they can, costs ‖B_j‖² / P_jj, where M = B Bᵀ and P = (C + ridge)⁻¹: Optimal Brain
    Surgeon (Hassibi & Stork 1993) on channels, with the input covariance as Hessian. After each removal
    B −= (P_·j / P_jj) B_j and P −= P_·j P_j· / P_jj.

    Args:
        covariances: per reader, C_c (n, n).
        weights: per reader, M_c (n, n), positive semi-definite.
        keep: how many channels stay, 1 to n.
        ridge: relative to the mean variance of each reader.

    A loss of 1 is all of the readers' signal; each reader counts alike, whatever its scale.
    """
    count = len(covariances[0])
    inverses, factors = [], []
    for covariance, weight in zip(covariances, weights, strict=True):
        signal = float(np.sum(weight * covariance))
        values, vectors = np.linalg.eigh(weight / (signal if signal > 0 else 1.0))
        loading = ridge * np.trace(covariance) / count + np.finfo(float).eps
        inverses.append(np.linalg.inv(covariance + loading * np.eye(count)))
        factors.append(vectors * np.sqrt(np.clip(values, 0.0, None)))
    alive = np.ones(count, bool)
    removed: list[int] = []
    losses: list[float] = []
    while alive.sum() > keep:
        left = np.flatnonzero(alive)
        costs = np.zeros(len(left))
        for inverse, factor in zip(inverses, factors, strict=True):
            costs += np.sum(factor[left] ** 2, axis=1) / np.diag(inverse)[left]
        cheapest = int(left[np.argmin(costs)])
        removed.append(cheapest)
        losses.append(float(costs.min()) / len(covariances))
        for inverse, factor in zip(inverses, factors, strict=True):
            _remove(inverse, factor, cheapest)
        alive[cheapest] = False
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
    variances = [np.diag(c) + ridge * np.trace(c) / count + np.finfo(float).eps for c in covariances]
    inverses = [
        np.asarray(np.linalg.inv(c - np.diag(np.diag(c)) + np.diag(v)), np.float64)
        for c, v in zip(covariances, variances, strict=True)
    ]
    left = list(range(count))
    removed: list[int] = []
    losses: list[float] = []
    while len(left) > 1:
        own = np.mean([1.0 / (v[left] * np.diag(p)[left]) for v, p in zip(variances, inverses, strict=True)], axis=0)
        cheapest = left.pop(int(np.argmin(own)))
        removed.append(cheapest)
        losses.append(float(own.min()) / count)
        for inverse in inverses:
            _remove(inverse, np.zeros((count, 1)), cheapest)
    return Elimination(tuple(removed), tuple(losses))


def _remove(inverse: Array, factor: Array, channel: int) -> None:
    """Updates a reader's inverse covariance and compensated weights, in place, for one channel less."""
    column = inverse[:, channel] / inverse[channel, channel]
    factor -= np.outer(column, factor[channel])
    factor[channel] = 0.0
    inverse -= np.outer(column, inverse[channel])
    inverse[channel, :] = 0.0
    inverse[:, channel] = 0.0
    inverse[channel, channel] = 1.0
