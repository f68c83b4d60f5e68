"""Operators on two tensors, element by element: one shape spread over the other, aligned at the last dimension."""

import numpy as np

from edge_nas.int8.operands import CodeTensor, Operands, Shape, Stored


def parse_pair(operands: Operands, dtypes: tuple[str, ...] = ("int8",)) -> tuple[CodeTensor, CodeTensor, CodeTensor]:
    """Returns the two inputs and the output of an operator that works element by element on codes of a dtype.

    Raises:
        ArtifactError: the shapes do not fit, or both inputs are constants.
    """
    operands.expect_inputs(2, 2)
    first, second = operands.input(0, dtypes=dtypes), operands.input(1, dtypes=dtypes)
    if first.constant and second.constant:
        raise operands.refusal("both inputs are constants; at least one computed input is supported")
    try:
        shape = np.broadcast_shapes(first.shape, second.shape)
    except ValueError as error:
        shapes = f"{first.shape} and {second.shape}"
        raise operands.refusal(f"the shapes {shapes} (without the batch) do not go together") from error
    output = operands.output(shape=shape, dtypes=dtypes)
    if "int16" in dtypes and any(tensor.zero_point for tensor in (first, second, output)):
        raise operands.refusal("its zero points are not all 0; of int16, 0 is supported")
    return first, second, output


def aligned(codes: Stored, shape: Shape) -> Stored:
    """Returns codes (N, ...) with as many dimensions after the batch as an output shape, new ones of 1 in front."""
    missing = len(shape) - (codes.ndim - 1)
    return codes.reshape(len(codes), *(1,) * missing, *codes.shape[1:])
