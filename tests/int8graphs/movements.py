"""Random layers that move codes without changing them, for `layers.KINDS`."""

from collections.abc import Sequence

import numpy as np

from int8graphs.draft import Activation, Draft


def transpose_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    order = [0, *(draft.generator.permutation(len(source.shape) - 1) + 1).tolist()]
    output = draft.activation([source.shape[axis] for axis in order], source.scale, source.zero_point)
    return draft.operator(kind, [source.index, draft.writer.constant(order)], output, {})


def depth_to_space_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    if len(source.shape) != 4:
        return None
    _, height, width, channels = source.shape
    if kind == "DEPTH_TO_SPACE":
        blocks = [block for block in (1, 2, 3, 4) if channels % block**2 == 0]
    else:
        blocks = [block for block in (1, 2, 3) if height % block == width % block == 0]
    block = int(draft.generator.choice(blocks))
    shape = (1, height * block, width * block, channels // block**2)
    if kind == "SPACE_TO_DEPTH":
        shape = (1, height // block, width // block, channels * block**2)
    output = draft.activation(shape, source.scale, source.zero_point)
    return draft.operator(kind, [source.index], output, {"BlockSize": block})


def slice_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    begins = [0, *(draft.integer(0, size // 3) for size in source.shape[1:])]
    sizes = [size - begin for size, begin in zip(source.shape, begins, strict=True)]
    # Most of the image stays: what comes behind shall have something to work on.
    counts = [1, *(draft.integer(-(-size * 2 // 3), size) for size in sizes[1:])]
    given = [-1 if count == size and draft.chance(0.5) else count for count, size in zip(counts, sizes, strict=True)]
    output = draft.activation(counts, source.scale, source.zero_point)
    return draft.operator(kind, [source.index, draft.writer.constant(begins), draft.writer.constant(given)], output, {})


def split_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    """Returns the largest part; the others are left unread."""
    source = sources[-1]
    if len(source.shape) < 2:
        return None
    axis = draft.integer(1, len(source.shape) - 1)
    if kind == "UNPACK":
        axis = 1 + int(np.argmin(source.shape[1:]))
    size = source.shape[axis]
    given = axis - len(source.shape) if draft.chance(0.3) else axis
    options: dict[str, float]
    if kind == "SPLIT":
        parts = int(draft.generator.choice([part for part in (1, 2, 3) if size % part == 0]))
        counts = [size // parts] * parts
        inputs = [draft.writer.constant(given), source.index]
        options = {"NumSplits": parts}
    elif kind == "SPLIT_V":
        first = draft.integer(1, size)
        counts = [first, size - first] if first < size else [size]
        open_size = [-1 if place == 0 and draft.chance(0.3) else count for place, count in enumerate(counts)]
        inputs = [source.index, draft.writer.constant(open_size), draft.writer.constant(given)]
        options = {"NumSplits": len(counts)}
    else:
        if len(source.shape) < 3:
            return None
        counts, inputs = [1] * size, [source.index]
        options = {"Num": size, "Axis": given}
    shapes = [[count if place == axis else whole for place, whole in enumerate(source.shape)] for count in counts]
    if kind == "UNPACK":
        shapes = [[whole for place, whole in enumerate(source.shape) if place != axis]] * size
    outputs = [draft.activation(shape, source.scale, source.zero_point) for shape in shapes]
    draft.writer.operator(kind, inputs, [output.index for output in outputs], options)
    draft.kinds.append(kind)
    return max(outputs, key=lambda output: (np.prod(output.shape), draft.integer(0, 99)))


def pack_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = _of_few_dimensions(draft, sources[-1])
    axis, count = draft.integer(1, len(source.shape)), draft.integer(1, 3)
    shape = [*source.shape[:axis], count, *source.shape[axis:]]
    output = draft.activation(shape, source.scale, source.zero_point)
    options = {"ValuesCount": count, "Axis": axis - len(shape) if draft.chance(0.3) else axis}
    return draft.operator(kind, [source.index] * count, output, options)


def squeeze_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    if kind == "EXPAND_DIMS":
        source = _of_few_dimensions(draft, source)
        axis = draft.integer(1, len(source.shape))
        output = draft.activation([*source.shape[:axis], 1, *source.shape[axis:]], source.scale, source.zero_point)
        return draft.operator(kind, [source.index, draft.writer.constant(axis)], output, {})
    ones = [axis for axis, size in enumerate(source.shape) if axis > 0 and size == 1]
    if not ones:
        expanded = squeeze_layer(draft, "EXPAND_DIMS", sources)
        return squeeze_layer(draft, kind, [*sources, expanded]) if expanded else None
    axis = int(draft.generator.choice(ones))
    output = draft.activation([*source.shape[:axis], *source.shape[axis + 1 :]], source.scale, source.zero_point)
    return draft.operator(kind, [source.index], output, {"SqueezeDims": [axis]})


def reduced_extremum_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    rank = len(source.shape)
    if rank < 2:
        return None
    axes = [axis for axis in range(1, rank) if draft.chance(0.2)] or [draft.integer(1, rank - 1)]
    keep = draft.chance(0.5)
    shape = [1 if i in axes else size for i, size in enumerate(source.shape) if keep or i not in axes]
    given = draft.writer.constant([axis - rank if draft.chance(0.3) else axis for axis in axes])
    output = draft.activation(shape, source.scale, source.zero_point)
    return draft.operator(kind, [source.index, given], output, {"KeepDims": keep})


def _of_few_dimensions(draft: Draft, source: Activation) -> Activation:
    """Returns the source under a shape that one more dimension has room beside."""
    if len(source.shape) < 4:
        return source
    _, height, width, channels = source.shape
    output = draft.activation((1, height * width, channels), source.scale, source.zero_point)
    return draft.operator("RESHAPE", [source.index, draft.writer.constant(output.shape)], output, {})
