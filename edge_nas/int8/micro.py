"""Files that tflite-micro runs and LiteRT does not: in these tflite-micro is the reference, from input to output.

LiteRT has no kernel for an SVDF whose state is int8, among its reference kernels none for ELU, and its SUM reads int8
codes as bytes without a sign: of -2 it makes 254. The two agree on all other operators but three (design note 14): a
dense layer is rounded twice by tflite-micro, which is what a convolution of one pixel does, and becomes one here;
LOGISTIC and RELU6 are refused in such a file.

    x -> FULLY_CONNECTED -> y      becomes      x -> RESHAPE -> CONV_2D of 1 x 1 -> RESHAPE -> y
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.errors import ArtifactError
from edge_nas.int8.ends import numbered
from edge_nas.int8.graph import Int8Graph, Operator, Tensor

_DENSE = "FULLY_CONNECTED"
_OTHERWISE = ("LOGISTIC", "RELU6")
_STATE_SLOT = 4
_VALID = 1
_WINDOW = {"Padding": _VALID, "StrideH": 1, "StrideW": 1, "DilationHFactor": 1, "DilationWFactor": 1}


def only_micro_runs(graph: Int8Graph) -> bool:
    """Returns whether LiteRT's reference kernels lack one for an operator that tflite-micro has one for."""
    return any(_is_micro_only(graph, operator) for operator in graph.operators)


def _is_micro_only(graph: Int8Graph, operator: Operator) -> bool:
    if operator.kind == "SVDF" and len(operator.inputs) > _STATE_SLOT:
        return graph.tensors[operator.inputs[_STATE_SLOT]].dtype == "int8"
    return operator.kind in ("ELU", "SUM")


def with_micro_rounding(graph: Int8Graph) -> Int8Graph:
    """Returns a graph whose dense layers are convolutions where tflite-micro is the reference; any other as it is.

    Raises:
        ArtifactError: it has an operator that tflite-micro computes otherwise than we do.
    """
    if not only_micro_runs(graph):
        return graph
    rewriting = _Rewriting(graph, list(graph.tensors))
    for operator in graph.operators:
        if operator.kind in _OTHERWISE:
            cause = next(other for other in graph.operators if _is_micro_only(graph, other))
            raise ArtifactError(
                f"{graph.source}: operator {operator.number} is {operator.kind}, beside operator {cause.number}, "
                f"{cause.kind}, which only tflite-micro runs as it is here; it computes {' and '.join(_OTHERWISE)} "
                "otherwise than LiteRT, and they are not supported beside it. Use another activation, or an SVDF with "
                "a state of int16"
            )
        rewriting.add(operator)
    return numbered(replace(graph, tensors=tuple(rewriting.tensors), operators=tuple(rewriting.operators)))


@dataclass
class _Rewriting:
    """A graph in the making."""

    graph: Int8Graph
    tensors: list[Tensor]
    operators: list[Operator] = field(default_factory=list)

    def add(self, operator: Operator) -> None:
        """Adds an operator, a dense layer as a convolution; one that is refused anyway stays what it is."""
        dense = operator.kind == _DENSE and len(operator.inputs) > 1
        weights = self.tensors[operator.inputs[1]] if dense else None
        if weights is None or weights.data is None or weights.data.ndim != 2:
            self.operators.append(operator)
            return
        source, output = self.tensors[operator.inputs[0]], self.tensors[operator.outputs[0]]
        channels, depth = weights.data.shape
        if depth == 0 or source.elements % depth or len(source.scales) != 1:
            self.operators.append(operator)
            return
        rows = source.elements // depth
        pixels = self._reshaped(source, (1, 1, rows, depth))
        made = self._reshaped(output, (1, 1, rows, channels))
        kernel = self._new(
            weights,
            shape=(channels, 1, 1, depth),
            data=weights.data.reshape(channels, 1, 1, depth),
            scales=_scales(source.scales[0], weights.scales),
        )
        options = {**_WINDOW, "FusedActivationFunction": operator.options.get("FusedActivationFunction", 0)}
        self._append(operator, "RESHAPE", (source.index,), pixels, {})
        self._append(operator, "CONV_2D", (pixels, kernel, *operator.inputs[2:]), made, options)
        self._append(operator, "RESHAPE", (made,), output.index, {})

    def _append(
        self, dense: Operator, kind: str, inputs: tuple[int, ...], output: int, options: dict[str, int]
    ) -> None:
        self.operators.append(replace(dense, kind=kind, inputs=inputs, outputs=(output,), options=options))

    def _reshaped(self, tensor: Tensor, shape: tuple[int, ...]) -> int:
        return self._new(tensor, shape=shape, data=None, scales=tensor.scales)

    def _new(
        self, like: Tensor, *, shape: tuple[int, ...], data: npt.NDArray[Any] | None, scales: tuple[float, ...]
    ) -> int:
        index = len(self.tensors)
        self.tensors.append(replace(like, index=index, shape=shape, data=data, scales=scales))
        return index


def _scales(source: float, weights: tuple[float, ...]) -> tuple[float, ...]:
    """Returns scales whose products with the source's, in double, are those of a dense layer.

    Of one scale it is the product in float32 (GetQuantizedConvolutionMultipler), of several that in double.
    """
    if len(weights) != 1:
        return weights
    return (float(np.float32(source) * np.float32(weights[0])) / source,)
