"""Ridge regression towards a start: the kernel W and bias b that best map rows to targets.

    minimise   mean |row W + b - target|² + λ |W - start|²,   λ = ridge · mean variance of a row's values

Plain ridge regression draws W to zero. Here it is drawn to the kernel that the layer had: where the rows leave a
direction open, because two inputs always move together or one never moves, the layer goes on doing what it did.

`Regression` streams its rows and solves a system as large as a row is long. `solve_held` holds all of them and solves a
system as large as there are rows: for dense layers behind Flatten, whose rows are longer than any calibration set.
"""

import numpy as np

from edge_nas.core.arrays import Array
from edge_nas.covariance.statistics import StreamingCovariance

LONGEST_ROW = 5_000
"""Of longer rows no covariance is taken. 5,000 x 5,000 float64 are 200 MB, and such a system is solved in 8 s on two
cores; both grow fast with the length, as its square and its cube. Only dense layers behind Flatten have longer rows."""


class Regression:
    """Ridge regression on fixed rows, for one set of targets after another: W = (Cov + λI)⁻¹ (Cross + λ start).

    Attributes:
        row_mean: (row length,), zeros where the regression passes through the origin.

    Args:
        moments: of [row | targets], both side by side in one vector.
        start: (row length, targets), the kernel towards which W is drawn.
        ridge: relative to the mean variance of the rows' values.
        with_bias: False: the regression passes through the origin, b = 0.
    """

    def __init__(self, moments: StreamingCovariance, start: Array, ridge: float, *, with_bias: bool) -> None:
        length = len(start)
        second_moment = moments.covariance()
        if not with_bias:
            # Through the origin the least squares are about zero, not about the mean: E[x xᵀ] = Cov + mean meanᵀ.
            second_moment = second_moment + np.outer(moments.mean, moments.mean)
        self.row_mean: Array = moments.mean[:length] if with_bias else np.zeros(length)
        self._cross_covariance: Array = second_moment[:length, length:]
        self._target_mean: Array = moments.mean[length:]
        self._start = start
        self._with_bias = with_bias
        covariance = second_moment[:length, :length]
        self._loading = ridge * float(np.trace(covariance)) / length
        self._loaded = covariance + self._loading * np.eye(length)

    def solve_first(self) -> tuple[Array, Array]:
        """Returns (W, b) for the targets that came with the rows."""
        return self.solve(self._cross_covariance, self._target_mean)

    def solve(self, cross_covariance: Array, target_mean: Array) -> tuple[Array, Array]:
        """Returns (W, b) for targets with these moments, which may be others than those that came with the rows.

        Args:
            cross_covariance: (row length, targets) of the rows with the targets.
            target_mean: (targets,).
        """
        no_bias: Array = np.zeros_like(target_mean)
        if self._loading == 0.0:  # no row ever differs from the mean: any kernel does as well as the start
            return self._start, target_mean if self._with_bias else no_bias
        right_side = cross_covariance + self._loading * self._start
        kernel = np.asarray(np.linalg.solve(self._loaded, right_side), np.float64)
        bias: Array = target_mean - self.row_mean @ kernel
        return kernel, bias if self._with_bias else no_bias


def solve_held(rows: Array, targets: Array, start: Array, ridge: float, *, with_bias: bool) -> tuple[Array, Array]:
    """Returns (W, b), the same solution as `Regression`'s from a system of as many unknowns as there are rows.

    W = start + Pᵀ (P Pᵀ + N λ I)⁻¹ (Y − P start), for N centred rows P (N, row length) and centred targets Y: by the
    matrix inversion lemma, (Pᵀ P + N λ I)⁻¹ Pᵀ = Pᵀ (P Pᵀ + N λ I)⁻¹.
    """
    row_mean = rows.mean(axis=0) if with_bias else np.zeros(rows.shape[1])
    target_mean = targets.mean(axis=0) if with_bias else np.zeros(targets.shape[1])
    centred = rows - row_mean
    products = centred @ centred.T
    loading = ridge * float(np.trace(products)) / rows.shape[1]
    kernel = start
    if loading > 0.0:
        residual = targets - target_mean - centred @ start
        kernel = start + centred.T @ np.linalg.solve(products + loading * np.eye(len(rows)), residual)
    bias: Array = target_mean - row_mean @ kernel
    return kernel, bias
