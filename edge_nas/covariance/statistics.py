"""Streaming mean and covariance in float64: the one statistic that penalty, report, choice and repair share."""

import numpy as np

from edge_nas.core.arrays import Array, Floats
from edge_nas.errors import DataError


class StreamingCovariance:
    """Mean and covariance of the last axis over all others, in one pass and O(n²) memory.

    Batches are merged by the pairwise update of Chan, Golub & LeVeque (1979), so the result does not depend on how
    the data was split, and does not suffer where the mean is large against the spread.
    """

    def __init__(self, size: int) -> None:
        self.count = 0
        self.mean: Array = np.zeros(size)
        self._scatter: Array = np.zeros((size, size))

    def update(self, values: Floats) -> None:
        """Adds `values` (..., size), any float dtype.

        Raises:
            DataError: a value is NaN or infinite, or the last axis has another size.
        """
        rows = np.asarray(values, np.float64).reshape(-1, values.shape[-1])
        if rows.shape[1] != len(self.mean):
            raise DataError(f"covariance over {len(self.mean)} channels was given {rows.shape[1]}")
        if not len(rows):
            return
        mean = rows.mean(axis=0)
        if not np.isfinite(mean).all():
            raise DataError("activations hold NaN or infinite values: the statistics would be undefined")
        centred = rows - mean
        shift = mean - self.mean
        total = self.count + len(rows)
        self._scatter += centred.T @ centred + np.outer(shift, shift) * (self.count * len(rows) / total)
        self.mean += shift * (len(rows) / total)
        self.count = total

    def covariance(self, ddof: int = 0) -> Array:
        """Returns the (size, size) covariance, divided by count - ddof.

        Raises:
            DataError: fewer than ddof + 1 samples were seen.
        """
        if self.count <= ddof:
            raise DataError(f"a covariance needs at least {ddof + 1} samples; seen {self.count}")
        return self._scatter / (self.count - ddof)
