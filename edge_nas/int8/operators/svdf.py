"""SVDF: a dense layer whose results of the last calls are weighed by time; int8 ends, a state of int8 or int16.

Each filter multiplies the input by one row of weights, and its last `memory` results by another; a unit adds up the
filters that are its rank (Nakkiran et al. 2015, "Compressing Deep Neural Networks using a Rank-Constrained Topology").

    result = wrap(clip(m * (sum of weight * (code - input_zero_point))) + state_zero_point)           of each filter
    output = clip(n * (bias + sum of time_weight * (state - state_zero_point)) + output_zero_point)   of each unit

LiteRT has a kernel for a state of int16 alone, whose zero point is 0. Of int8, tflite-micro is the reference
(`int8.micro`). That it clips first and adds the zero point then, modulo 256, was repaired in its sources after the
release that edge-nas is held against: a test says so when a newer one is taken.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Multiplier, multiply, wrap_int32
from edge_nas.int8.graph import Tensor
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import CODE_RANGES, FUSED_ACTIVATION, Codes, Operands, ParsedOperator, Stored, single_factor
from edge_nas.int8.shapes import OperandShapes

_INPUT, _WEIGHTS, _TIME_WEIGHTS, _BIAS, _STATE = range(5)
_RELU = 1


@register("SVDF", options=SchemaOptions("SVDFOptions", ("Rank", *FUSED_ACTIVATION)), version=3, resolver="AddSvdf")
@dataclass(frozen=True, eq=False, kw_only=True)
class Svdf(ParsedOperator):
    """One layer; its results of the last calls are kept from call to call.

    Attributes:
        rank: filters of a unit, which are neighbours.
        weights: (filters, inputs) int8.
        time_weights: (filters, memory) of the state's dtype.
        feature_bias: (filters,) int32, the share of the input's zero point.
        bias: (units,) int32, less the share of the state's zero point, modulo 2 ** 32.
        state_multiplier: from sums to the state's codes.
        state_zero_point: of the state's codes.
        state_min, state_max: the smallest and largest of them, to which results are clipped before the zero point.
        output_multiplier: from sums over time to the output's codes.
        output_zero_point: in [-128, 127].
    """

    parameter_slots = (_WEIGHTS, _TIME_WEIGHTS, _BIAS)

    rank: int
    weights: Codes
    time_weights: Stored
    feature_bias: npt.NDArray[np.int32]
    bias: npt.NDArray[np.int32]
    state_multiplier: Multiplier
    state_zero_point: int
    state_min: int
    state_max: int
    output_multiplier: Multiplier
    output_zero_point: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the layer that an operator describes.

        Raises:
            ArtifactError: another activation than RELU, weights and state that do not go together, or anything else
                that is not supported.
        """
        operands.expect_inputs(5, 5)
        # The converter's rule for int8; the kernels clip to the codes, whose smallest stands for 0 then.
        operands.expect_option("FusedActivationFunction", _RELU)
        rank, source = operands.option("Rank", 1), operands.activation(_INPUT, rank=1)
        weights, tensor = operands.constant(_WEIGHTS, "int8", 2), operands.tensor(_WEIGHTS)
        filters = weights.shape[0]
        if weights.shape[1] != source.shape[0] or not filters or filters % rank:
            raise operands.refusal(f"shape (a multiple of {rank}, {source.shape[0]}) is expected", tensor)
        state = operands.tensor(_STATE)
        time_weights = _time_weights(operands, state, filters)
        output = operands.output(shape=(filters // rank,))
        state_zero_point = state.zero_points[0]
        low, high = CODE_RANGES[state.dtype]
        return cls(
            **operands.wiring((source,), output),
            states=(state.index,),
            rank=rank,
            weights=weights,
            time_weights=time_weights,
            feature_bias=_feature_bias(operands, weights, source.zero_point),
            bias=_bias(operands, filters // rank, time_weights, state_zero_point),
            state_multiplier=operands.multiplier(
                single_factor(source.scale, _scale(operands, tensor), state.scales[0])
            ),
            state_zero_point=state_zero_point,
            state_min=low,
            state_max=high,
            output_multiplier=operands.multiplier(
                single_factor(state.scales[0], _scale(operands, operands.tensor(_TIME_WEIGHTS)), output.scale)
            ),
            output_zero_point=output.zero_point,
        )

    def run(self, codes: Codes, state: Stored) -> Codes:
        """Returns the output codes (1, units) for codes (1, inputs); changes the state."""
        features = codes[0].astype(np.int64) @ self.weights.T.astype(np.int64) + self.feature_bias
        newest = np.clip(multiply(features, self.state_multiplier), self.state_min, self.state_max)
        memory = state.reshape(self.time_weights.shape)
        memory[:, :-1] = memory[:, 1:]
        memory[:, -1] = (newest + self.state_zero_point).astype(memory.dtype)  # what does not fit wraps around
        products = memory.astype(np.int64) * self.time_weights
        # Sums of 16-bit products may leave 32 bits, in which the reference adds them up.
        sums = wrap_int32(products.reshape(len(self.bias), -1).sum(axis=1) + self.bias)
        raw = multiply(sums, self.output_multiplier) + self.output_zero_point
        return np.clip(raw, INT8_MIN, INT8_MAX).astype(np.int8)[np.newaxis]

    @classmethod
    def macs(cls, shapes: OperandShapes) -> int:
        """Every filter multiplies the input and its own last results."""
        return math.prod(shapes.input(_WEIGHTS, 2)) + math.prod(shapes.input(_TIME_WEIGHTS, 2))


def _time_weights(operands: Operands, state: Tensor, filters: int) -> Stored:
    """Returns the weights over time, which are as wide as the state."""
    weights, tensor = operands.constant(_TIME_WEIGHTS, ("int8", "int16"), 2), operands.tensor(_TIME_WEIGHTS)
    if weights.shape[0] != filters or not weights.shape[1]:
        raise operands.refusal(f"shape ({filters}, at least 1) is expected", tensor)
    expected = (1, weights.size)
    if not state.variable or state.dtype != tensor.dtype or state.shape != expected or len(state.scales) != 1:
        raise operands.refusal(
            f"a variable tensor of {tensor.dtype}, shape {expected} and one scale is expected", state
        )
    low, high = CODE_RANGES[state.dtype]
    if not low <= state.zero_points[0] <= high or (state.dtype == "int16" and state.zero_points[0] != 0):
        raise operands.refusal(f"its zero point is {state.zero_points[0]}; of int16, 0 is supported", state)
    return weights


def _scale(operands: Operands, tensor: Tensor) -> float:
    """Returns the scale of weights."""
    if len(tensor.scales) != 1 or tensor.zero_points[0] != 0:
        raise operands.refusal("one scale and zero point 0 are supported for weights", tensor)
    return tensor.scales[0]


def _feature_bias(operands: Operands, weights: Codes, zero_point: int) -> npt.NDArray[np.int32]:
    """Returns what the input's zero point adds to the sums of the filters."""
    wide = weights.astype(np.int64)
    bias = -zero_point * wide.sum(axis=1)
    if (np.abs(bias) + 128 * np.abs(wide).sum(axis=1)).max() >= 2**31:
        raise operands.refusal("its sums may leave 32 bits", operands.tensor(_WEIGHTS))
    shares: npt.NDArray[np.int32] = bias.astype(np.int32)
    return shares


def _bias(operands: Operands, units: int, time_weights: Stored, zero_point: int) -> npt.NDArray[np.int32]:
    """Returns the bias of the units, less the share of the state's zero point."""
    bias = np.zeros(units, np.int64)
    if operands.has_input(_BIAS):
        bias = operands.constant(_BIAS, "int32", 1).astype(np.int64)
        if bias.shape != (units,):
            raise operands.refusal(f"{units} biases are expected", operands.tensor(_BIAS))
    shares = zero_point * time_weights.astype(np.int64).reshape(units, -1).sum(axis=1)
    return wrap_int32(bias - shares).astype(np.int32)
