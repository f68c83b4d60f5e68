"""How operators become steps, one file each, mirroring `edge_nas.int8.operators`.

`lower(lowering, parsed)` adds the steps that compute an operator. An operator with a fast kernel also has
`demands(parsed)`, which says in which layout it wants its input.
"""

from types import ModuleType

from edge_nas.codegen.operators import (
    addition,
    average_pool,
    concatenation,
    convolution,
    depthwise_convolution,
    extremum,
    fully_connected,
    lookup,
    max_pool,
    mean,
    multiplication,
    pad,
    prelu,
    requantization,
    reshape,
    resize_bilinear,
    resize_nearest,
    softmax,
    strided_slice,
    transpose_convolution,
)

LOWERINGS: dict[str, ModuleType] = {
    "ADD": addition,
    "AVERAGE_POOL_2D": average_pool,
    "CONCATENATION": concatenation,
    "CONV_2D": convolution,
    "DEPTHWISE_CONV_2D": depthwise_convolution,
    "FULLY_CONNECTED": fully_connected,
    "HARD_SWISH": lookup,
    "LEAKY_RELU": lookup,
    "LOGISTIC": lookup,
    "MAXIMUM": extremum,
    "MAX_POOL_2D": max_pool,
    "MEAN": mean,
    "MINIMUM": extremum,
    "MUL": multiplication,
    "PAD": pad,
    "PRELU": prelu,
    "QUANTIZE": requantization,
    "RELU": lookup,
    "RELU6": lookup,
    "RESHAPE": reshape,
    "RESIZE_BILINEAR": resize_bilinear,
    "RESIZE_NEAREST_NEIGHBOR": resize_nearest,
    "SOFTMAX": softmax,
    "STRIDED_SLICE": strided_slice,
    "SUB": addition,
    "TANH": lookup,
    "TRANSPOSE_CONV": transpose_convolution,
}
