"""Random layers of sums, products of matrices, norms and functions of one code, for `layers.KINDS`."""

from collections.abc import Sequence

import numpy as np

from int8graphs.draft import Activation, Draft

_SPREAD = 74.0  # standard deviation of uniform codes
_MOST_INNER = 4000
# Scale and zero point that the schema prescribes for outputs.
_PRESCRIBED = {"LOG_SOFTMAX": (1 / 16, 127), "L2_NORMALIZATION": (1 / 128, 0)}


def sum_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    rank = len(source.shape)
    if rank < 2:
        return None
    axes = [axis for axis in range(1, rank) if draft.chance(0.3)] or [draft.integer(1, rank - 1)]
    count = np.prod([source.shape[axis] for axis in axes])
    shape = [size for axis, size in enumerate(source.shape) if axis not in axes]
    output = draft.activation(shape, source.scale * draft.uniform(0.3, 2) * count**0.5)
    return draft.operator(kind, [source.index, draft.writer.constant(axes)], output, {"KeepDims": False})


def normalized_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    """LOG_SOFTMAX or L2_NORMALIZATION."""
    source = sources[-1]
    if source.shape[-1] > 400:  # the reference kernels end on sums of 512 exponentials
        return None
    output = draft.activation(source.shape, *_PRESCRIBED[kind])
    options = {"FusedActivationFunction": 0} if kind == "L2_NORMALIZATION" else {}
    return draft.operator(kind, [source.index], output, options)


def function_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    """A table, of values that have outputs: of LOG and RSQRT none below zero are read."""
    source = sources[-1]
    if kind == "EXP" and source.scale * 256 > 60:
        return None
    if kind in ("LOG", "RSQRT"):
        positive = draft.activation(source.shape, source.scale, -128)
        source = draft.operator("RELU", [source.index], positive, {})
    largest = source.scale * (127 - source.zero_point)
    smallest = source.scale * (-128 - source.zero_point)
    if kind == "EXP":
        scale = float(np.exp(min(largest, 30.0))) / 255
    elif kind == "RSQRT":
        scale = source.scale**-0.5 / 1000
    elif kind == "LOG":
        scale = max(abs(np.log(source.scale)), abs(np.log(max(largest, source.scale)))) / 100
    else:
        scale = max(largest, -smallest) / 255
    output = draft.activation(source.shape, scale * draft.uniform(0.5, 3))
    return draft.operator(kind, [source.index], output, {"Approximate": draft.chance(0.5)} if kind == "GELU" else {})


def matmul_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    """Of the newest tensor with itself, transposed, or with a constant on either side."""
    source = sources[-1]
    if len(source.shape) < 3:
        return None
    *leading, rows, columns = source.shape
    way = draft.integer(0, 2)
    if way == 0:
        first, second, adjoints = source.index, source.index, (0, 1)
        shape, inner, other = (*leading, rows, rows), columns, source.scale
    else:
        width, turned = draft.integer(1, 9), draft.chance(0.5)
        size = (columns, width) if way == 1 else (width, rows)
        constant = draft.constant_codes(size[::-1] if turned else size)
        if way == 1:
            first, second, adjoints = source.index, constant.index, (0, int(turned))
            shape, inner = (*leading, rows, width), columns
        else:
            first, second, adjoints = constant.index, source.index, (int(turned), 0)
            shape, inner = (*leading, width, columns), rows
        other = constant.scale
    if inner > _MOST_INNER or np.prod(shape) > 6000:
        return None
    output = draft.activation(shape, source.scale * other * _SPREAD * inner**0.5 * draft.uniform(0.5, 5))
    return draft.operator(kind, [first, second], output, {"AdjX": adjoints[0], "AdjY": adjoints[1]})
