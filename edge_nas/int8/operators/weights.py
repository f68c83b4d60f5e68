"""Weights and biases of convolutions and dense layers: checked constants, and the scales behind their products."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, INT32_MAX, Integers, Multiplier, multiply_channels
from edge_nas.int8.graph import Tensor
from edge_nas.int8.operands import Codes, CodeTensor, Operands

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Products:
    """Sums of products, one per output channel, and the codes that their rescaled values become.

    sum = bias + sum of weight * (code - input_zero_point), then output = clip(rescaled sum + output_zero_point,
    activation_min, activation_max).

    Attributes:
        weights: int8, zero point 0; the operator says in which order its dimensions are.
        bias: (output channels,) int32, zeros where the file has none.
        input_zero_point: in [-128, 127].
        largest_sums: per output channel a bound of abs(sum) over all inputs, below 2 ** 31.
        output_zero_point: in [-128, 127].
        activation_min, activation_max: the smallest and largest code.
    """

    weights: npt.NDArray[np.int8]
    bias: npt.NDArray[np.int32]
    input_zero_point: int
    largest_sums: tuple[int, ...]
    output_zero_point: int
    activation_min: int
    activation_max: int

    def centred(self, codes: Codes) -> tuple[Floats, Floats]:
        """Returns the codes less their zero point, and the weights, as floats whose sums of products are exact.

        Numpy multiplies matrices of floats far faster than of integers.
        """
        floats = np.dtype(np.float32 if max(self.largest_sums) < 2**24 else np.float64)
        values: Floats = codes.astype(floats)
        values -= self.input_zero_point
        return values, self.weights.astype(floats)

    def codes(self, rescaled: Integers) -> Codes:
        """Returns the output codes (..., O) int8 of rescaled sums (..., O)."""
        shifted = rescaled + self.output_zero_point
        codes: Codes = np.clip(shifted, self.activation_min, self.activation_max).astype(np.int8)
        return codes


@dataclass(frozen=True, eq=False, kw_only=True)
class Weights(Products):
    """Products whose sums are rescaled with two roundings, as `arithmetic.multiply` does.

    Attributes:
        multipliers: one per output channel, the input's scale times the channel's over the output's.
    """

    multipliers: tuple[Multiplier, ...]

    def requantized(self, sums: Integers) -> Codes:
        """Returns the output codes (..., O) int8 of sums of products (..., O) without bias."""
        return self.codes(multiply_channels(sums + self.bias, self.multipliers))


def parse_weights(
    operands: Operands, source: CodeTensor, output: CodeTensor, *, slot: int, bias_slot: int, channel_axis: int
) -> Weights:
    """Returns the weights of a convolution, of four dimensions; see `parse_products`."""
    products, factors = parse_products(
        operands, source, output, slot=slot, bias_slot=bias_slot, rank=4, channel_axis=channel_axis
    )
    return Weights(**vars(products), multipliers=tuple(operands.multiplier(factor) for factor in factors))


def parse_products(
    operands: Operands,
    source: CodeTensor,
    output: CodeTensor,
    *,
    slot: int,
    bias_slot: int,
    rank: int,
    channel_axis: int,
) -> tuple[Products, tuple[float, ...]]:
    """Returns the products of an operator, and per output channel the real factor that rescales a sum.

    Args:
        operands: the operator.
        source: its data input.
        output: its output.
        slot: the input slot of the weights.
        bias_slot: the input slot of the bias, which may be absent.
        rank: number of dimensions of the weights.
        channel_axis: the dimension of the weights that counts output channels.

    Raises:
        ArtifactError: a dtype, shape, scale or zero point is not supported, or 32 bits may overflow.
    """
    weights = operands.constant(slot, "int8", rank)
    channels = weights.shape[channel_axis]
    if not weights.size:
        raise operands.refusal("it has no elements", operands.tensor(slot))
    scales = channel_scales(operands, operands.tensor(slot), channels, channel_axis)
    bias = np.zeros(channels, np.int32)
    if operands.has_input(bias_slot):
        bias = operands.constant(bias_slot, "int32", 1)
        if bias.shape != (channels,):
            raise operands.refusal(f"a bias of {channels} channels is expected", operands.tensor(bias_slot))
    low, high = operands.fused_range(output)
    products = Products(
        weights=weights,
        bias=bias,
        input_zero_point=source.zero_point,
        largest_sums=_largest_sums(operands, weights, bias, source.zero_point, channel_axis),
        output_zero_point=output.zero_point,
        activation_min=low,
        activation_max=high,
    )
    return products, tuple(source.scale * scale / output.scale for scale in scales)


def channel_scales(operands: Operands, tensor: Tensor, channels: int, axis: int) -> tuple[float, ...]:
    """Returns one scale per output channel, repeating that of a whole tensor."""
    if any(tensor.zero_points):
        raise operands.refusal("its zero points are not all 0; only symmetric weights are supported", tensor)
    if not all(0 < scale < float("inf") for scale in tensor.scales):
        raise operands.refusal("its scales are not all finite and above 0", tensor)
    if len(tensor.scales) == 1:
        return tensor.scales * channels
    if len(tensor.scales) != channels or tensor.quantized_dimension != axis:
        raise operands.refusal(
            f"it has {len(tensor.scales)} scales along dimension {tensor.quantized_dimension}; supported: one, or "
            f"{channels} along dimension {axis}",
            tensor,
        )
    return tensor.scales


def _largest_sums(
    operands: Operands, weights: npt.NDArray[np.int8], bias: npt.NDArray[np.int32], zero_point: int, axis: int
) -> tuple[int, ...]:
    """Returns a bound of every channel's sum; refuses those above 32 bits, on which no two kernels would agree."""
    other_axes = tuple(i for i in range(weights.ndim) if i != axis)
    totals = np.abs(weights.astype(np.int64)).sum(axis=other_axes)
    bounds = totals * max(INT8_MAX - zero_point, zero_point - INT8_MIN) + np.abs(bias.astype(np.int64))
    if bounds.max() > INT32_MAX:
        raise operands.refusal(f"sums of up to {bounds.max()} would not fit into 32 bits (at most {INT32_MAX})")
    return tuple(bounds.tolist())
