"""Weights of layers on int16 codes: int8 weights, sums of 64 bits, one rounding (TFLite's 16x8)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import Integers, SingleMultiplier, multiply_once, wide_multiplier
from edge_nas.int8.operands import Codes, CodeTensor, Operands, Stored
from edge_nas.int8.operators.weights import channel_scales

# Sums stay below 2 ** 47, for which the reference's multiplication is made.
_MOST_PRODUCTS = 2**24


@dataclass(frozen=True, eq=False, kw_only=True)
class ShortWeights:
    """Sums of products, one per output channel, and the codes that their rescaled values become.

    Attributes:
        weights: int8, zero point 0; the operator says in which order its dimensions are.
        bias: (output channels,) int64, zeros where the file has none.
        factors: one per output channel, the input's scale times the channel's over the output's.
        multipliers: the same in fixed point.
        activation_min, activation_max: the smallest and largest code.
    """

    weights: Codes
    bias: npt.NDArray[np.int64]
    factors: tuple[float, ...]
    multipliers: tuple[SingleMultiplier, ...]
    activation_min: int
    activation_max: int

    def codes(self, sums: Integers) -> Stored:
        """Returns the output codes (..., O) int16 of sums of products (..., O) without bias."""
        rescaled = multiply_once(sums + self.bias, self.multipliers)
        return np.clip(rescaled, self.activation_min, self.activation_max).astype(np.int16)


def parse_short_weights(
    operands: Operands, source: CodeTensor, output: CodeTensor, *, rank: int, channel_axis: int
) -> ShortWeights:
    """Returns the weights of an operator: its inputs 1 and, where there is one, the bias in 2.

    Raises:
        ArtifactError: a bias of another dtype than int64, or a shape or scale that is not supported.
    """
    weights = operands.constant(1, "int8", rank)
    channels = weights.shape[channel_axis]
    if not 0 < weights.size <= _MOST_PRODUCTS:
        raise operands.refusal(f"1 to {_MOST_PRODUCTS} weights are supported", operands.tensor(1))
    bias = np.zeros(channels, np.int64)
    if operands.has_input(2):
        bias = operands.constant(2, "int64", 1)
        if bias.shape != (channels,) or np.abs(bias).max() >= 2**46:
            raise operands.refusal(f"a bias of {channels} channels below 2 ** 46 is expected", operands.tensor(2))
    low, high = operands.fused_range(output)
    scales = channel_scales(operands, operands.tensor(1), channels, channel_axis)
    factors = tuple(source.scale * scale / output.scale for scale in scales)
    multipliers = [operands.multiplier(factor) for factor in factors]
    if max(multiplier.shift for multiplier in multipliers) > 7:
        raise operands.refusal("the output's scale is too fine for those of input and weights")
    return ShortWeights(
        weights=weights,
        bias=bias,
        factors=factors,
        multipliers=tuple(wide_multiplier(multiplier) for multiplier in multipliers),
        activation_min=low,
        activation_max=high,
    )
