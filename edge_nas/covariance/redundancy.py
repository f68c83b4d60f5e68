"""Redundancy of a layer's channels, read off their covariance."""

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Array
from edge_nas.covariance.selection import eliminate
from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.results.redundancy import ChannelRedundancy

_DEAD = 1e-12
"""Variance below this share of the largest channel's counts as none: a deviation of ten times float32's rounding."""
_SHOWN_CHANNELS = 128
"""Most channels whose correlations are kept for the report: more would be neither legible nor small."""


def correlation(covariance: Array) -> Array:
    """Returns the (n, n) correlation matrix; rows and columns of channels without variance are zero."""
    varying = _varying(covariance)
    scale = np.zeros(len(covariance))
    scale[varying] = 1.0 / np.sqrt(np.diag(covariance)[varying])
    return covariance * scale[:, None] * scale[None, :]


def correlations(covariance: Array) -> Array:
    """Returns the n (n - 1) correlations between different channels; none where there is one channel."""
    return correlation(covariance)[~np.eye(len(covariance), dtype=bool)]


def condition_number(covariance: Array) -> float:
    """Returns the largest eigenvalue over the smallest, from 1; infinite where that is rounding, 1 for one channel."""
    values = np.linalg.eigvalsh(covariance)
    smallest, largest = float(values[0]), float(values[-1])
    if smallest <= len(values) * np.finfo(float).eps * max(largest, np.finfo(float).tiny):
        return float("inf")
    return largest / smallest


def effective_rank(covariance: Array) -> float:
    """Returns exp(entropy of the normalised eigenvalues), between 1 and n; 0 where nothing varies.

    Roy & Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007.
    """
    values = np.clip(np.linalg.eigvalsh(covariance), 0.0, None)
    if values.sum() <= 0.0:
        return 0.0
    shares = values / values.sum()
    shares = shares[shares > 0]
    return float(np.exp(-np.sum(shares * np.log(shares))))


def explained_variance(covariance: Array, ridge: float = 1e-8) -> Array:
    """Returns per channel the R² (0 to 1) of its least-squares prediction from all other channels.

    R²_j = 1 − 1 / (C_jj (C⁻¹)_jj); `ridge` is relative to the mean variance. Channels without variance get 1.
    """
    varying = _varying(covariance)
    result = np.ones(len(covariance))
    if varying.any():
        part = covariance[np.ix_(varying, varying)]
        loaded = part + ridge * np.trace(part) / len(part) * np.eye(len(part))
        unexplained = 1.0 / (np.diag(loaded) * np.diag(np.linalg.inv(loaded)))
        result[varying] = np.clip(1.0 - unexplained, 0.0, 1.0)
    return result


def variance_losses(covariance: Array) -> tuple[float, ...]:
    """Returns the shares of the total variance that are lost once 1, 2, ... n - 1 channels follow from the others.

    The channels go in the order of `eliminate`, that which costs least first.
    """
    if float(np.trace(covariance)) <= 0.0:
        return (0.0,) * (len(covariance) - 1)
    losses = eliminate([covariance], [np.eye(len(covariance))], keep=1).losses
    return tuple(np.cumsum(losses).tolist())


def measure(name: str, kind: str, statistics: StreamingCovariance) -> ChannelRedundancy:
    """Returns the redundancy of one layer from its streamed statistics."""
    covariance = statistics.covariance()
    channels = len(covariance)
    spectrum = np.linalg.eigvalsh(covariance)[::-1]
    between = correlations(covariance) if channels > 1 else np.zeros(1)
    return ChannelRedundancy(
        name=name,
        kind=kind,
        channels=channels,
        samples=statistics.count,
        spectrum=tuple(np.clip(spectrum, 0.0, None).tolist()),
        effective_rank=effective_rank(covariance),
        score=float(np.mean(between**2)),
        mean_abs_correlation=float(np.mean(np.abs(between))),
        r2=tuple(explained_variance(covariance).tolist()),
        dead=tuple(np.flatnonzero(~_varying(covariance)).tolist()),
        losses=variance_losses(covariance),
        correlation=_rounded(correlation(covariance)) if channels <= _SHOWN_CHANNELS else None,
    )


def _varying(covariance: Array) -> npt.NDArray[np.bool_]:
    """Returns which channels have a variance."""
    variance = np.diag(covariance)
    largest = max(float(variance.max(initial=0.0)), np.finfo(float).tiny)
    return np.asarray(variance > _DEAD * largest)


def _rounded(matrix: Array) -> tuple[tuple[float, ...], ...]:
    """Returns rows of correlations with the two decimals that a report shows."""
    return tuple(tuple(_tidy(value) for value in row) for row in matrix.tolist())


def _tidy(value: float) -> float:
    return round(value, 2) + 0.0  # no negative zero
