"""Random layers that move codes without changing them, for `layers.KINDS`."""

from collections.abc import Sequence

import numpy as np

from int8graphs.draft import Activation, Draft

_MOST_ELEMENTS = 6000


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


def selection_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    """GATHER, TILE or MIRROR_PAD."""
    source = sources[-1]
    rank = len(source.shape)
    if rank < 2:
        return None
    if kind == "GATHER":
        axis = draft.integer(1, rank - 1)
        numbers = draft.generator.integers(0, source.shape[axis], draft.integer(1, source.shape[axis] + 2))
        shape = [*source.shape[:axis], len(numbers), *source.shape[axis + 1 :]]
        given: object = numbers
        options = {"Axis": axis - rank if draft.chance(0.3) else axis, "BatchDims": 0}
    elif kind == "TILE":
        times = [1, *(draft.integer(1, 2) for _ in source.shape[1:])]
        shape = [size * count for size, count in zip(source.shape, times, strict=True)]
        given, options = times, {}
    else:
        mode = draft.integer(0, 1)
        most = [min(size - 1 + mode, 2) for size in source.shape[1:]]
        borders = [(0, 0), *((draft.integer(0, size), draft.integer(0, size)) for size in most)]
        shape = [size + sum(pair) for size, pair in zip(source.shape, borders, strict=True)]
        given, options = borders, {"Mode": mode}
    if np.prod(shape) > _MOST_ELEMENTS:
        return None
    output = draft.activation(shape, source.scale, source.zero_point)
    return draft.operator(kind, [source.index, draft.writer.constant(given)], output, options)


def spread_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    """SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND about a convolution of one to three taps; `kind` is either of them."""
    source = sources[-1]
    if len(source.shape) != 4:
        return None
    _, height, width, channels = source.shape
    block = [draft.integer(1, 3), draft.integer(1, 3)]
    taps = [draft.integer(1, 3), draft.integer(1, 3)]
    borders, sizes = [], []
    for size, factor, count in zip((height, width), block, taps, strict=True):
        before = draft.integer(0, factor)
        after = -(size + before) % factor
        # As many rows in each part as the taps reach over.
        after += factor * max(count - (size + before + after) // factor, 0)
        borders.append((before, after))
        sizes.append((size + before + after) // factor)
    parts = block[0] * block[1]
    outputs = [size - count + 1 for size, count in zip(sizes, taps, strict=True)]
    whole = [size * factor for size, factor in zip(outputs, block, strict=True)]
    crops = [(draft.integer(0, min(size - 1, 1)), 0) for size in whole]
    if parts * sizes[0] * sizes[1] * channels > _MOST_ELEMENTS:
        return None
    writer, made = draft.writer, draft.integer(1, 9)
    spread = draft.activation((parts, *sizes, channels), source.scale, source.zero_point)
    draft.operator("SPACE_TO_BATCH_ND", [source.index, writer.constant(block), writer.constant(borders)], spread, {})
    weights = draft.codes((made, *taps, channels))
    scale = draft.uniform(0.001, 0.01)
    kernel = writer.tensor(weights.shape, scale, 0, data=weights)
    biases = np.arange(made, dtype=np.int32)
    bias = writer.tensor([made], float(np.float32(source.scale * scale)), 0, dtype="int32", data=biases)
    products = weights.size / made
    convolved = draft.activation((parts, *outputs, made), scale * source.scale * 74.0 * 74.0 * products**0.5 / 60)
    options = {"Padding": 1, "StrideH": 1, "StrideW": 1, "DilationHFactor": 1, "DilationWFactor": 1}
    draft.operator("CONV_2D", [spread.index, kernel, bias], convolved, {**options, "FusedActivationFunction": 0})
    shape = [size - sum(crop) for size, crop in zip(whole, crops, strict=True)]
    output = draft.activation((1, *shape, made), convolved.scale, convolved.zero_point)
    return draft.operator(
        "BATCH_TO_SPACE_ND", [convolved.index, writer.constant(block), writer.constant(crops)], output, {}
    )


def _of_few_dimensions(draft: Draft, source: Activation) -> Activation:
    """Returns the source under a shape that one more dimension has room beside."""
    if len(source.shape) < 4:
        return source
    _, height, width, channels = source.shape
    output = draft.activation((1, height * width, channels), source.scale, source.zero_point)
    return draft.operator("RESHAPE", [source.index, draft.writer.constant(output.shape)], output, {})
