"""What operators that put codes into another order have in common: the dimensions of a view change places."""

import math
from abc import ABC
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_nas.int8.operands import Codes, ParsedOperator, Shape

# The C has four loops.
MOST_VIEW_DIMENSIONS = 4


@dataclass(frozen=True, eq=False, kw_only=True)
class Permutation(ParsedOperator, ABC):
    """The input, cut into the dimensions of `view`, with these in another order.

    Attributes:
        view: sizes, without the batch; their product is that of the input's. Neighbours that stay together are one.
        order: which dimension of the view comes first, second, ...
    """

    view: Shape
    order: tuple[int, ...]

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        axes = (0, *(axis + 1 for axis in self.order))
        output: Codes = codes.reshape(len(codes), *self.view).transpose(axes)
        return np.ascontiguousarray(output).reshape(len(codes), *self.output_shape)


def merged(view: Sequence[int], order: Sequence[int]) -> tuple[Shape, tuple[int, ...]]:
    """Returns the same permutation with as few dimensions as possible.

    Dimensions of one element are left out, and neighbours that stay neighbours in their order become one.
    """
    kept = [axis for axis in order if view[axis] != 1]
    runs: list[list[int]] = []
    for axis in kept:
        follows = bool(runs) and all(view[between] == 1 for between in range(runs[-1][-1] + 1, axis))
        if follows and axis > runs[-1][-1]:
            runs[-1].append(axis)
        else:
            runs.append([axis])
    places = sorted(range(len(runs)), key=lambda number: runs[number][0])
    sizes = tuple(math.prod(view[axis] for axis in runs[number]) for number in places)
    return sizes, tuple(places.index(number) for number in range(len(runs)))
