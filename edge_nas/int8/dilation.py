"""SPACE_TO_BATCH_ND, a convolution, BATCH_TO_SPACE_ND: together a convolution with holes between its taps.

    x -> SPACE_TO_BATCH_ND -> CONV_2D -> BATCH_TO_SPACE_ND -> y

becomes

    x -> PAD -> CONV_2D with the block as dilation -> SLICE -> y

Keras writes a dilated convolution so, TFLite's converter folds it where one convolution reads the image, and two that
read the same one are left. Convolutions of signals have an EXPAND_DIMS and a SQUEEZE, or RESHAPEs, about the middle.
What stands alone cuts an image into a batch of several, which is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from edge_nas.int8.ends import numbered
from edge_nas.int8.graph import Int8Graph, Operator, Tensor

SPREAD, GATHERED = "SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND"
_CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
_RESHAPES = ("RESHAPE", "EXPAND_DIMS", "SQUEEZE")
_PLAIN = {"Padding": 1, "StrideH": 1, "StrideW": 1}
_DILATIONS = ("DilationHFactor", "DilationWFactor")
_SIGNAL, _IMAGE = 3, 4


def with_dilations(graph: Int8Graph) -> Int8Graph:
    """Returns a graph with such threes as dilated convolutions; whatever is not one of them stays as it is."""
    if not any(operator.kind == SPREAD for operator in graph.operators):
        return graph
    rewriting = _Rewriting(numbered(graph), list(graph.tensors))
    for operator in rewriting.graph.operators:
        if operator.kind == SPREAD:
            rewriting.spread(operator)
    operators = [
        other for operator in rewriting.graph.operators for other in rewriting.replaced.get(operator.index, (operator,))
    ]
    return numbered(replace(graph, tensors=tuple(rewriting.tensors), operators=tuple(operators)))


@dataclass
class _Rewriting:
    """A graph in the making.

    Attributes:
        graph: as it was.
        tensors: with those that are new.
        replaced: what takes an operator's place, by its index.
    """

    graph: Int8Graph
    tensors: list[Tensor]
    replaced: dict[int, tuple[Operator, ...]] = field(default_factory=dict)

    def spread(self, operator: Operator) -> None:
        """Replaces one SPACE_TO_BATCH_ND and all convolutions of its output, or nothing of it."""
        given = self._constants(operator)
        if given is None:
            return
        block, borders = given
        source, spread = self.tensors[operator.inputs[0]], self.tensors[operator.outputs[0]]
        if len(block) != len(source.shape) - 2 or source.shape[0] != 1 or _codes(source) != _codes(spread):
            return
        if any(size % factor for size, factor in zip(_padded(source.shape, borders)[1:], block, strict=False)):
            return
        chains = [self._chain(reader, operator.outputs[0], block) for reader in self._readers(operator.outputs[0])]
        if not chains or any(chain is None for chain in chains):
            return
        padded_shape = _padded(source.shape, borders)
        padded = self._new(source, padded_shape)
        border = self._constant([[0, 0], *borders, [0, 0]])
        image = padded
        self.replaced[operator.index] = (
            replace(operator, kind="PAD", inputs=(source.index, border), outputs=(padded,)),
        )
        if len(source.shape) == _SIGNAL:
            image = self._new(source, (1, 1, *padded_shape[1:]))
            reshape = replace(operator, kind="RESHAPE", inputs=(padded,), outputs=(image,))
            self.replaced[operator.index] += (reshape,)
        for chain in chains:
            if chain is not None:
                self._dilate(chain, image, block)

    def _constants(self, operator: Operator) -> tuple[list[int], list[list[int]]] | None:
        """Returns block and borders of an image that is spread or gathered; None where they are no such constants."""
        if len(operator.inputs) != 3 or min(operator.inputs) < 0 or len(operator.outputs) != 1:
            return None
        block, borders = (self.tensors[index].data for index in operator.inputs[1:])
        if block is None or borders is None or block.ndim != 1 or borders.shape != (len(block), 2):
            return None
        is_image = len(self.tensors[operator.inputs[0]].shape) in (_SIGNAL, _IMAGE)
        return (block.tolist(), borders.tolist()) if is_image and block.size and block.min() > 0 else None

    def _chain(self, reader: Operator, spread: int, block: Sequence[int]) -> tuple[Operator, ...] | None:
        """Returns the operators from a reader of a spread image to the BATCH_TO_SPACE_ND behind its convolution."""
        chain, tensor = [reader], spread
        while chain[-1].kind != GATHERED:
            if chain[-1].inputs[:1] != (tensor,) or len(chain[-1].outputs) != 1:
                return None
            (tensor,) = chain[-1].outputs
            behind = self._readers(tensor)
            if len(behind) != 1 or tensor in self.graph.outputs or len(chain) > _SIGNAL:
                return None
            chain.append(behind[0])
        kinds = [operator.kind for operator in chain[:-1]]
        is_signal = len(kinds) == _SIGNAL and kinds[0] in _RESHAPES and kinds[2] in _RESHAPES
        if is_signal != (len(block) == 1) or not (is_signal or len(kinds) == 1):
            return None
        convolution, given = chain[len(kinds) // 2], self._constants(chain[-1])
        if given is None or given[0] != list(block) or not self._is_plain(convolution):
            return None
        return tuple(chain)

    def _is_plain(self, operator: Operator) -> bool:
        """Whether it is a convolution of stride 1, without padding and dilation."""
        if operator.kind not in _CONVOLUTIONS or len(operator.inputs) < 2 or operator.inputs[1] < 0:
            return False
        tensors = [self.tensors[index] for index in (operator.inputs[1], operator.outputs[0])]
        expected = {**_PLAIN, **{name: 1 for name in _DILATIONS if name in operator.options}}
        return all(len(tensor.shape) == _IMAGE for tensor in tensors) and all(
            operator.options.get(name) == value for name, value in expected.items()
        )

    def _dilate(self, chain: Sequence[Operator], image: int, block: Sequence[int]) -> None:
        """Replaces a chain that `_chain` found."""
        convolution, gathered = chain[(len(chain) - 1) // 2], chain[-1]
        for operator in chain:
            self.replaced[operator.index] = ()
        factors = [1] * (2 - len(block)) + list(block)
        narrow, output = self.tensors[convolution.outputs[0]], self.tensors[gathered.outputs[0]]
        taps = self.tensors[convolution.inputs[1]].shape[1:3]
        sizes = zip(self.tensors[image].shape[1:3], taps, factors, strict=True)
        rows, columns = (size - (count - 1) * factor for size, count, factor in sizes)
        made = self._new(narrow, (1, rows, columns, narrow.shape[-1]))
        options = {**convolution.options, **dict(zip(_DILATIONS, factors, strict=True))}
        dilated = replace(convolution, inputs=(image, *convolution.inputs[1:]), outputs=(made,), options=options)
        shape = (1, *[1] * (_IMAGE - len(output.shape)), *output.shape[1:])
        cut = output.index if len(output.shape) == _IMAGE else self._new(output, shape)
        if self.tensors[made].shape == shape and _codes(narrow) == _codes(output):  # nothing is cut off
            operators = [replace(dilated, outputs=(cut,))]
        else:
            crops = np.asarray(self.tensors[gathered.inputs[2]].data).tolist()
            begins = [0] * (_IMAGE - 1 - len(crops)) + [before for before, _ in crops] + [0]
            begin, size = self._constant(begins), self._constant(shape)
            sliced = replace(gathered, kind="SLICE", inputs=(made, begin, size), outputs=(cut,), options={})
            operators = [dilated, sliced]
        if cut != output.index:
            operators.append(replace(gathered, kind="RESHAPE", inputs=(cut,), outputs=(output.index,), options={}))
        self.replaced[convolution.index] = tuple(operators)

    def _readers(self, tensor: int) -> list[Operator]:
        return [operator for operator in self.graph.operators if tensor in operator.inputs]

    def _new(self, like: Tensor, shape: Sequence[int]) -> int:
        index = len(self.tensors)
        self.tensors.append(replace(like, index=index, shape=tuple(shape), data=None))
        return index

    def _constant(self, values: object) -> int:
        data = np.array(values, np.int32)
        index = len(self.tensors)
        self.tensors.append(Tensor(index, f"constant {index}", data.shape, "int32", (), (), 0, data))
        return index


def _codes(tensor: Tensor) -> tuple[object, ...]:
    """Returns what its codes stand for."""
    return tensor.dtype, tensor.scales, tensor.zero_points


def _padded(shape: Sequence[int], borders: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Returns the shape of an image with so many rows and columns more on either side."""
    inner = [size + before + after for size, (before, after) in zip(shape[1:-1], borders, strict=True)]
    return (1, *inner, shape[-1])
