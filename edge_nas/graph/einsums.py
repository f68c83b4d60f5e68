"""tf.einsum of two tensors as a product of matrices: exchanged axes, tf.matmul, exchanged axes.

    "nthd,nshd->nhts"      N, T, H, D → N, H, T, D   times   N, S, H, D → N, H, S, D, transposed

Keras cannot make a call of tf.einsum again from its configuration, and neither pruning nor C knows one.
"""

import re
from typing import Any, NamedTuple

import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError

_EQUATION = re.compile(r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)")


class _Axes(NamedTuple):
    """The axes of a product of matrices, a letter each: `common` ones, of rows, of columns, and those summed over."""

    common: str
    row: str
    summed: str
    column: str


def einsum_by_matmul(name: str, equation: str, *tensors: Any) -> Any:
    """Returns what tf.einsum returns, computed by layers and tf.matmul.

    Raises:
        GraphError: another einsum than a product of two matrices, or of as many as there are samples, heads, ...
    """
    match = _EQUATION.fullmatch("".join(equation.split()))
    axes = _axes(*match.groups()) if match is not None and len(tensors) == 2 else None
    if match is None or axes is None:
        raise GraphError(
            f"tf.einsum {name!r} of equation {equation!r}: only products of two matrices, one for each sample or each "
            "head of it, are known, such as 'nthd,nshd->nhts'; write it with tf.matmul, layers and sums"
        )
    (first, first_axes), (second, second_axes) = zip(tensors, match.groups()[:2], strict=True)
    if match[3].index(axes.column) < match[3].index(axes.row):
        axes = axes._replace(row=axes.column, column=axes.row)
        first, first_axes, second, second_axes = second, second_axes, first, first_axes
    # As it lies, where that saves exchanging axes.
    is_transposed = second_axes.index(axes.column) < second_axes.index(axes.summed)
    last = axes.column + axes.summed if is_transposed else axes.summed + axes.column
    rows = _ordered(first, first_axes, axes.common + axes.row + axes.summed)
    columns = _ordered(second, second_axes, axes.common + last)
    product = tf.linalg.matmul(rows, columns, transpose_b=is_transposed)
    return _ordered(product, axes.common + axes.row + axes.column, match[3])


def _axes(first: str, second: str, output: str) -> _Axes | None:
    """Returns the axes of a product, which has one of rows, one of columns and one that is summed over; else None."""
    common = "".join(axis for axis in output if axis in first and axis in second)
    summed = [axis for axis in first if axis in second and axis not in output]
    row = [axis for axis in output if axis in first and axis not in second]
    column = [axis for axis in output if axis in second and axis not in first]
    if not len(summed) == len(row) == len(column) == 1 or len(set(first + second)) != len(common) + 3:
        return None
    if not len(first) == len(second) == len(output) == len(common) + 2 or not common:
        return None
    if {first[0], second[0], output[0]} != {common[0]}:
        return None
    return _Axes(common, row[0], summed[0], column[0])


def _ordered(tensor: Any, axes: str, wanted: str) -> Any:
    """Returns a tensor with its axes, a letter each, in another order."""
    if axes == wanted:
        return tensor
    return tf_keras.layers.Permute([axes.index(axis) for axis in wanted[1:]])(tensor)
