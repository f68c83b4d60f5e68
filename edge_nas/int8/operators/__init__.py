"""The int8 operators that are understood, one file each: what a kind computes (`parse`) and how in numpy (`run`).

`parse(graph, operator)` returns a frozen dataclass with every integer resolved, or refuses by name; code generation
reads the same dataclasses. `run(parsed, *inputs)` takes and returns int8 codes (N, ...), byte for byte those of
TFLite's reference kernels.
"""

from types import ModuleType

from edge_nas.errors import ArtifactError
from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators import (
    addition,
    average_pool,
    concatenation,
    convolution,
    depthwise_convolution,
    extremum,
    fully_connected,
    hard_swish,
    max_pool,
    mean,
    multiplication,
    pad,
    prelu,
    rectification,
    requantization,
    reshape,
    resize_bilinear,
    resize_nearest,
    sigmoid,
    softmax,
    strided_slice,
    transpose_convolution,
)
from edge_nas.int8.operators.operands import Codes, ParsedOperator

OPERATORS: dict[str, ModuleType] = {
    "ADD": addition,
    "AVERAGE_POOL_2D": average_pool,
    "CONCATENATION": concatenation,
    "CONV_2D": convolution,
    "DEPTHWISE_CONV_2D": depthwise_convolution,
    "FULLY_CONNECTED": fully_connected,
    "HARD_SWISH": hard_swish,
    "LEAKY_RELU": rectification,
    "LOGISTIC": sigmoid,
    "MAXIMUM": extremum,
    "MAX_POOL_2D": max_pool,
    "MEAN": mean,
    "MINIMUM": extremum,
    "MUL": multiplication,
    "PAD": pad,
    "PRELU": prelu,
    "QUANTIZE": requantization,
    "RELU": rectification,
    "RELU6": rectification,
    "RESHAPE": reshape,
    "RESIZE_BILINEAR": resize_bilinear,
    "RESIZE_NEAREST_NEIGHBOR": resize_nearest,
    "SOFTMAX": softmax,
    "STRIDED_SLICE": strided_slice,
    "SUB": addition,
    "TANH": sigmoid,
    "TRANSPOSE_CONV": transpose_convolution,
}


def parse_operator(graph: Int8Graph, operator: Operator) -> ParsedOperator:
    """Returns what an operator computes.

    Raises:
        ArtifactError: its kind, or something about it, is not supported.
    """
    if operator.kind not in OPERATORS:
        raise ArtifactError(
            f"{graph.source}: operator {operator.index} is {operator.kind}, which is not supported in int8; it reads "
            f"{_read_by(graph, operator)}; supported: {', '.join(sorted(OPERATORS))}"
        )
    parsed: ParsedOperator = OPERATORS[operator.kind].parse(graph, operator)
    return parsed


def _read_by(graph: Int8Graph, operator: Operator) -> str:
    """Returns the tensors that an operator reads: index, name, shape and dtype each."""
    tensors = [graph.tensors[index] for index in operator.inputs if index >= 0]
    return (
        ", ".join(f"tensor {tensor.index} {tensor.name!r} of shape {tensor.shape} {tensor.dtype}" for tensor in tensors)
        or "no tensor"
    )


def run_operator(parsed: ParsedOperator, *inputs: Codes) -> Codes:
    """Returns the output codes (N, ...) of a parsed operator for its inputs (N, ...); constants have N = 1."""
    outputs: Codes = OPERATORS[parsed.kind].run(parsed, *inputs)
    return outputs
