"""Which channels go first: the criteria by name, behind one protocol.

    @CRITERIA.register("mine")
    def mine(evidence: Evidence, group: ChannelGroup) -> Elimination: ...

A criterion looks at evidence and changes nothing. It returns the order in which a group's channels go, down to one
channel, and the share of signal or importance that each takes with it. The first so many of the order are removed.
Those of this file are named in `edge_nas.core.extensions`.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from edge_nas.core.extensions import CRITERIA
from edge_nas.covariance.pairs import eliminate_by_pairs
from edge_nas.covariance.selection import Elimination, eliminate, eliminate_explained
from edge_nas.errors import ConfigError
from edge_nas.graph.channels import ChannelGroup
from edge_nas.pruning.evidence import Evidence

Array = npt.NDArray[np.float64]


class Criterion(Protocol):
    """Orders the channels of one group."""

    def __call__(self, evidence: Evidence, group: ChannelGroup) -> Elimination:
        """Returns the order in which all channels but the last go, and what each takes with it."""


def eliminations(evidence: Evidence, criterion: str) -> dict[str, Elimination]:
    """Returns per free group the order in which its channels go, down to one.

    Raises:
        ConfigError: no such criterion, or it needs what is not there.
    """
    order = CRITERIA.get(criterion)
    return {group.name: order(evidence, group) for group in evidence.graph.free}


def in_order_of(importance: Array) -> Elimination:
    """Returns the elimination of the least important channels first; a loss is a channel's share of the importance.

    Args:
        importance: (channels,), from 0 up; higher stays longer.
    """
    order = np.argsort(importance, kind="stable")[:-1]
    shares = importance / max(float(importance.sum()), np.finfo(float).tiny)
    return Elimination(tuple(order.tolist()), tuple(shares[order].tolist()))


def covariance(evidence: Evidence, group: ChannelGroup) -> Elimination:
    """What the readers lose of their signal although the other channels stand in as well as they can.

    Optimal Brain Surgeon (Hassibi & Stork 1993) on channels, with the covariance of what each reader sees as Hessian,
    summed over readers. Of a group that is seen at fewer places than it has channels, a covariance tells no more than
    pairs of channels: there, each removed channel is made up for by one other.
    """
    covariances = [evidence.covariances[group.name, reader] for reader in group.reader_layers]
    weights = [evidence.reading_weights(group, reader) for reader in group.reader_layers]
    if evidence.scarce(group):
        return eliminate_by_pairs(covariances, weights)
    return eliminate(covariances, weights, 1, evidence.ridge)


def r2(evidence: Evidence, group: ChannelGroup) -> Elimination:
    """The channel that the others explain best, by R² of its regression on them, and so on with those that are left.

    1 / (1 − R²) is the variance inflation factor (Belsley, Kuh & Welsch 1980). How the readers weigh the channel does
    not count.
    """
    covariances = [evidence.covariances[group.name, reader] for reader in group.reader_layers]
    return eliminate_explained(covariances, evidence.ridge)


def l1(evidence: Evidence, group: ChannelGroup) -> Elimination:
    """Sum of absolute weights of the filters that make a channel (Li et al. 2017, arXiv 1608.08710)."""
    return in_order_of(_over_members(evidence, group, lambda filters: np.abs(filters).sum(axis=1)))


def l2(evidence: Evidence, group: ChannelGroup) -> Elimination:
    """Euclidean norm of the filters that make a channel (He et al. 2018, arXiv 1808.06866)."""
    return in_order_of(_over_members(evidence, group, lambda filters: np.linalg.norm(filters, axis=1)))


def geometric_median(evidence: Evidence, group: ChannelGroup) -> Elimination:
    """Sum of distances to the other filters: those near the geometric median go (FPGM, He et al. 2019, 1811.00250)."""

    def distances(filters: Array) -> Array:
        squares = np.sum(filters**2, axis=1)
        apart: Array = np.sqrt(np.clip(squares[:, None] + squares[None, :] - 2.0 * filters @ filters.T, 0.0, None))
        total: Array = apart.sum(axis=1)
        return total

    return in_order_of(_over_members(evidence, group, distances))


def batchnorm_scale(evidence: Evidence, group: ChannelGroup) -> Elimination:
    """Absolute gain of the BatchNorm layers that carry a channel (Network Slimming, Liu et al. 2017, 1708.06519)."""
    layers = [evidence.model.get_layer(name) for name in group.carriers]
    gammas = [layer.gamma for layer in layers if _scales(layer, group.channels * group.together)]
    gains = [np.abs(np.asarray(gamma, np.float64)).reshape(group.channels, -1).mean(axis=1) for gamma in gammas]
    if not gains:
        raise ConfigError(
            f"criterion batchnorm_scale: no BatchNorm with a gain per channel carries group {group.name!r}; leave the "
            f"group alone (prune.leave: [{group.name}]) or choose another criterion"
        )
    return in_order_of(np.sum([gain / max(gain.mean(), np.finfo(float).tiny) for gain in gains], axis=0))


def taylor(evidence: Evidence, group: ChannelGroup) -> Elimination:
    """Squared first-order change of the loss without the channel (Molchanov et al. 2019, 1906.10771); needs labels."""
    return in_order_of(evidence.saliencies[group.name])


def random(evidence: Evidence, group: ChannelGroup) -> Elimination:
    """By lot: the baseline that others have to beat (Mittal et al. 2018, arXiv 1801.10447)."""
    place = evidence.graph.groups.index(group)
    return in_order_of(np.random.default_rng((evidence.seed, place)).uniform(0.5, 1.5, group.channels))


def _over_members(evidence: Evidence, group: ChannelGroup, measure: Callable[[Array], Array]) -> Array:
    """Returns the sum of a measure over all layers that make the channels, each at a mean of 1."""
    measures = [measure(filters) for filters in evidence.filters(group)]
    total: Array = np.sum([m / max(float(m.mean()), np.finfo(float).tiny) for m in measures], axis=0)
    return total


def _scales(layer: object, channels: int) -> bool:
    gamma = getattr(layer, "gamma", None)
    return type(layer).__name__ == "BatchNormalization" and gamma is not None and tuple(gamma.shape) == (channels,)
