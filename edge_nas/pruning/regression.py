"""Ridge regression towards a start, on rows that are streamed or, where they are fewer than unknowns, held."""

import numpy as np
import numpy.typing as npt

from edge_nas.covariance.statistics import StreamingCovariance

Array = npt.NDArray[np.float64]


class Regression:
    """Ridge regression on fixed rows, towards a start, for one set of targets after another.

    Args:
        moments: of [rows | targets].
        start: (row length, targets), the solution where the rows say nothing.
        ridge: relative to the mean variance of the rows.
        with_bias: False: the regression passes through the origin.
    """

    def __init__(self, moments: StreamingCovariance, start: Array, ridge: float, *, with_bias: bool) -> None:
        taps = len(start)
        second = moments.covariance()
        if not with_bias:
            second = second + np.outer(moments.mean, moments.mean)
        self.mean: Array = moments.mean[:taps] if with_bias else np.zeros(taps)
        self.cross: Array = second[:taps, taps:]
        self.wanted: Array = moments.mean[taps:]
        self._start = start
        self._with_bias = with_bias
        self._loading = ridge * float(np.trace(second[:taps, :taps])) / taps
        self._inputs = second[:taps, :taps] + self._loading * np.eye(taps)

    def solve(self, cross: Array, wanted: Array) -> tuple[Array, Array]:
        """Returns (kernel, bias) for targets of mean `wanted` and covariance `cross` with the rows."""
        nothing: Array = np.zeros_like(wanted)
        if self._loading == 0.0:  # nothing reaches the layer: any kernel does as well as the old one
            return self._start, wanted if self._with_bias else nothing
        kernel = np.asarray(np.linalg.solve(self._inputs, cross + self._loading * self._start), np.float64)
        bias: Array = wanted - self.mean @ kernel
        return kernel, bias if self._with_bias else nothing


def solve_held(rows: Array, targets: Array, start: Array, ridge: float, *, with_bias: bool) -> tuple[Array, Array]:
    """Returns (kernel, bias), the same solution by way of a system of as many unknowns as there are rows.

    W = S + Pᵀ (P Pᵀ + N λ I)⁻¹ (Y − P S), for N centred rows P (N, row length) and targets Y: the matrix inversion
    lemma. For dense layers behind Flatten, whose rows are longer than any calibration set.
    """
    mean = rows.mean(axis=0) if with_bias else np.zeros(rows.shape[1])
    wanted = targets.mean(axis=0) if with_bias else np.zeros(targets.shape[1])
    centred = rows - mean
    products = centred @ centred.T
    loading = ridge * float(np.trace(products)) / rows.shape[1]
    kernel = start
    if loading > 0.0:
        missing = targets - wanted - centred @ start
        kernel = start + centred.T @ np.linalg.solve(products + loading * np.eye(len(rows)), missing)
    bias: Array = wanted - mean @ kernel
    return kernel, bias
