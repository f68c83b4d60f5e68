"""Which channels to remove when there are fewer observations than channels: each is made up for by one other.

From 32 images nothing follows on how a unit depends on 255 others: any of them is a combination of the rest that fits
all 32. How it depends on one other has a single unknown.

    a ── b    0.99       b goes, a stands in for it, at the cost of what a leaves unexplained
    a ── c    0.30       c stays
"""

from collections.abc import Sequence

import numpy as np

from edge_nas.core.arrays import Array, Places
from edge_nas.covariance.selection import Elimination


def eliminate_by_pairs(covariances: Sequence[Array], weights: Sequence[Array]) -> Elimination:
    """Returns the greedy backward elimination, down to one channel, with one kept channel to stand in for each other.

    A channel j that k stands in for costs Σ_readers M_jj (C_jj − C_jk² / C_kk), as a share of the Σ M_jj C_jj of all.
    What goes is the channel without which the sum over all channels, each at its best stand-in, grows least.

    Args:
        covariances: per reader, C_c (n, n).
        weights: per reader, M_c (n, n), how it weighs them.
    """
    count = len(covariances[0])
    costs: Array = np.zeros((count, count))  # of j, when k stands in for it
    for covariance, weight in zip(covariances, weights, strict=True):
        signals = np.diag(weight) * np.diag(covariance)
        explained = np.divide(
            covariance**2, np.diag(covariance), out=np.zeros_like(covariance), where=np.diag(covariance) > 0
        )
        total = max(float(signals.sum()), np.finfo(float).tiny) * len(covariances)
        costs += np.diag(weight)[:, None] * np.clip(np.diag(covariance)[:, None] - explained, 0.0, None) / total
    np.fill_diagonal(costs, 0.0)
    kept = np.ones(count, bool)
    nearest, second = _two_best(costs, np.arange(count))
    removed: list[int] = []
    losses: list[float] = []
    rows = np.arange(count)
    while kept.sum() > 1:
        growth = np.bincount(nearest, weights=costs[rows, second] - costs[rows, nearest], minlength=count)
        cheapest = int(np.argmin(np.where(kept, growth, np.inf)))
        kept[cheapest] = False
        removed.append(cheapest)
        losses.append(float(growth[cheapest]))
        stale = np.flatnonzero((nearest == cheapest) | (second == cheapest))
        nearest[stale], second[stale] = _two_best(costs[stale], np.flatnonzero(kept))
    return Elimination(tuple(removed), tuple(losses))


def _two_best(costs: Array, kept: Places) -> tuple[Places, Places]:
    """Returns the two cheapest stand-ins of each row among the kept channels; the only one twice where there is one."""
    of_kept = costs[:, kept]
    if len(kept) == 1:
        only = np.full(len(costs), kept[0])
        return only, only
    best = np.argpartition(of_kept, 1, axis=1)[:, :2]
    swap = np.take_along_axis(of_kept, best, 1)
    best = np.where((swap[:, :1] > swap[:, 1:]), best[:, ::-1], best)
    return kept[best[:, 0]], kept[best[:, 1]]
