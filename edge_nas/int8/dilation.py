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
_VALID = 1
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
        source = self.tensors[operator.inputs[0]]
        constants = [self.tensors[index].data for index in operator.inputs[1:]]
        if len(constants) != 2 or len(source.shape) not in (_SIGNAL, _IMAGE) or any(each is None for each in constants):
            return
        block, borders = (np.asarray(each).tolist() for each in constants)
        if len(block) != len(source.shape) - 2 or source.shape[0] != 1:
            return
        chains = [self._chain(reader, block) for reader in self._readers(operator.outputs[0])]
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

    def _chain(self, reader: Operator, block: Sequence[int]) -> "tuple[Operator, ...] | None":
        """Returns the operators from a reader of a spread image to the BATCH_TO_SPACE_ND behind its convolution."""
        chain = [reader]
        while chain[-1].kind != GATHERED:
            behind = self._readers(chain[-1].outputs[0])
            if len(behind) != 1 or chain[-1].outputs[0] in self.graph.outputs or len(chain) > _SIGNAL:
                return None
            chain.append(behind[0])
        kinds = [operator.kind for operator in chain[:-1]]
        middle = kinds[1:-1] if len(kinds) == _SIGNAL and kinds[0] in _RESHAPES and kinds[-1] in _RESHAPES else kinds
        convolution = chain[len(kinds) // 2]
        given = [self.tensors[index].data for index in chain[-1].inputs[1:]]
        fits = len(middle) == 1 and middle[0] in _CONVOLUTIONS and (len(kinds) == _SIGNAL) == (len(block) == 1)
        is_image = convolution.inputs[0] in (chain[0].inputs[0], chain[0].outputs[0])
        if not fits or not is_image or len(given) != 2 or any(each is None for each in given):
            return None
        plain = {"Padding": _VALID, "StrideH": 1, "StrideW": 1}
        is_plain = all(convolution.options.get(name) == value for name, value in plain.items())
        undilated = all(convolution.options.get(name, 1) == 1 for name in ("DilationHFactor", "DilationWFactor"))
        same_block = np.asarray(given[0]).tolist() == list(block)
        return tuple(chain) if is_plain and undilated and same_block else None

    def _dilate(self, chain: Sequence[Operator], image: int, block: Sequence[int]) -> None:
        """Replaces a chain that `_chain` found."""
        convolution, gathered = chain[(len(chain) - 1) // 2], chain[-1]
        for operator in chain:
            self.replaced[operator.index] = ()
        factors = [1] * (2 - len(block)) + list(block)
        height, width, _ = (self.tensors[image].shape)[1:]
        narrow = self.tensors[convolution.outputs[0]]
        taps = self.tensors[convolution.inputs[1]].shape[1:3]
        rows, columns = (
            size - (count - 1) * factor for size, count, factor in zip((height, width), taps, factors, strict=True)
        )
        made = self._new(narrow, (1, rows, columns, narrow.shape[-1]))
        options = {**convolution.options, "DilationHFactor": factors[0], "DilationWFactor": factors[1]}
        dilated = replace(convolution, inputs=(image, *convolution.inputs[1:]), outputs=(made,), options=options)
        output = self.tensors[gathered.outputs[0]]
        shape = (1, *[1] * (_IMAGE - len(output.shape)), *output.shape[1:])
        crops = np.asarray(self.tensors[gathered.inputs[2]].data).tolist()
        begins = [0] * (_IMAGE - 1 - len(crops)) + [before for before, _ in crops] + [0]
        cut = output.index if len(output.shape) == _IMAGE else self._new(output, shape)
        begin, size = self._constant(begins), self._constant(list(shape))
        operators = [dilated, replace(gathered, kind="SLICE", inputs=(made, begin, size), outputs=(cut,), options={})]
        if self.tensors[made].shape == shape:  # nothing is cut off
            operators = [replace(dilated, outputs=(cut,))]
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


def _padded(shape: Sequence[int], borders: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Returns the shape of an image with so many rows and columns more on either side."""
    inner = [size + before + after for size, (before, after) in zip(shape[1:-1], borders, strict=True)]
    return (1, *inner, shape[-1])
