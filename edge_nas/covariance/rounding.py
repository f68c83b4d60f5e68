"""int8 codes of a kernel, chosen one row after another so that the rows to come make up for the errors made.

Rounding each weight to the nearest code makes the error of the weights small. What counts is the error of the output,
E[((W − sQ)ᵀ x)²] = tr((W − sQ)ᵀ M (W − sQ)) with M the second moments of the kernel's inputs: an error along inputs
that always move together can be made up for by another weight. Optimal Brain Surgeon's compensation (Hassibi & Stork
1993) for this quadratic form, in a fixed order for all outputs, is GPTQ (Frantar et al. 2023, arXiv 2210.17323).
"""

import numpy as np

from edge_nas.core.arrays import Array, Codes, Places

LARGEST = 127
"""Of the codes of weights: they are symmetric, and -128 stays unused."""


def channel_scales(kernel: Array) -> Array:
    """Returns what one step of a code is worth per output, (..., 1, outputs): max|w| / 127, and 1 where all are 0.

    Args:
        kernel: (..., rows, outputs).
    """
    largest = np.abs(kernel).max(axis=-2, keepdims=True)
    return np.where(largest > 0.0, largest / LARGEST, 1.0)


def nearest_codes(kernel: Array, scales: Array) -> Codes:
    """Returns each weight's nearest code; shapes as of the kernel."""
    return np.rint(kernel / scales).astype(np.int8)


def compensated_codes(kernel: Array, scales: Array, moments: Array, damping: float = 0.01) -> Codes:
    """Returns codes that keep the output's error small for inputs of these moments.

    Rows are taken by falling second moment. With U the upper Cholesky factor of (M + λI)⁻¹, λ = damping · mean(diag M),
    the error e = (w_i − s q_i) / U_ii of row i is taken off the rows j > i as e U_ij. Two kinds of weights keep their
    nearest code: zeros, so that what was made sparse stays so, and the largest of each output, so that its scale does.

    Args:
        kernel: (..., rows, outputs) float64; rows may be some of a larger kernel's.
        scales: (..., 1, outputs) from `channel_scales`, of the whole kernel.
        moments: (..., rows, rows) covariance or second moments of the kernel's inputs; leading axes as of `kernel`.
        damping: above 0; large values give the nearest codes. 0.01 is that of Frantar et al.
    """
    # What rounding the rows of large inputs costs is made up for by the rows of small ones, which cost little.
    power = np.diagonal(moments, axis1=-2, axis2=-1)
    order = np.argsort(-power, axis=-1, kind="stable")
    codes = _in_order(_rows_taken(kernel / scales, order), _inverse_factor(_both_taken(moments, order), damping))
    return _rows_taken(codes, np.argsort(order, axis=-1)).astype(np.int8)


def _in_order(weights: Array, factor: Array) -> Array:
    """Returns the codes of rows that are taken from the first to the last.

    Args:
        weights: (..., rows, outputs) in steps of a code; what later rows make up for is added to them here.
        factor: (..., rows, rows), the U of `_inverse_factor`.
    """
    nearest = np.rint(weights)
    held = (weights == 0.0) | (np.abs(nearest) == LARGEST)
    codes = nearest.copy()
    for row in range(weights.shape[-2]):
        present = weights[..., row, :]
        free = np.clip(np.rint(present), -LARGEST, LARGEST)
        codes[..., row, :] = np.where(held[..., row, :], nearest[..., row, :], free)
        error = (present - codes[..., row, :]) / factor[..., row, row, None]
        share = factor[..., row, row + 1 :]
        weights[..., row + 1 :, :] -= share[..., :, None] * error[..., None, :]
    return codes


def _inverse_factor(moments: Array, damping: float) -> Array:
    """Returns the upper triangular U of (M + λI)⁻¹ = UᵀU; the identity where M is zero."""
    size = moments.shape[-1]
    mean = np.trace(moments, axis1=-2, axis2=-1)[..., None, None] / size
    loading = np.where(mean > 0.0, damping * mean, 1.0)
    inverse = np.linalg.inv(moments + loading * np.eye(size))
    # An inverse is symmetric up to rounding only, and the factorization reads one half of it.
    symmetric = (inverse + np.swapaxes(inverse, -1, -2)) / 2
    return np.swapaxes(np.linalg.cholesky(symmetric), -1, -2)


def _rows_taken(matrices: Array, order: Places) -> Array:
    """Returns matrices (..., rows, columns) with their rows in another order, (..., rows)."""
    return np.take_along_axis(matrices, order[..., None], axis=-2)


def _both_taken(matrices: Array, order: Places) -> Array:
    """Returns square matrices with rows and columns in another order."""
    return np.take_along_axis(_rows_taken(matrices, order), order[..., None, :], axis=-1)
