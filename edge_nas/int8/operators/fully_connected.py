"""FULLY_CONNECTED: a dense layer over all elements, or over the last dimension.

tflite-micro rounds twice here, as in convolutions; codes whose real value lies very near a half differ by one.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import SingleMultiplier, multiply_once, single_multiplier
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import FUSED_ACTIVATION, Codes, Operands, ParsedOperator
from edge_nas.int8.operators.weights import Products, parse_products
from edge_nas.int8.shapes import OperandShapes


@register(
    "FULLY_CONNECTED",
    options=SchemaOptions("FullyConnectedOptions", ("KeepNumDims", "WeightsFormat", *FUSED_ACTIVATION)),
    version=4,
)
@dataclass(frozen=True, eq=False, kw_only=True)
class FullyConnected(ParsedOperator):
    """A dense layer, applied to each of `rows` groups of `depth` successive input elements.

    Attributes:
        rows: number of groups, the product of the output's dimensions but the last.
        depth: elements per group.
        products: with `products.weights` of shape (O, depth).
        multipliers: one per output channel. Unlike convolutions, TFLite's reference rounds once here: to the nearest
            integer of sum * (input scale * weight scale / output scale) in float64, halves away from zero.
    """

    parameter_slots = (1, 2)

    rows: int
    depth: int
    products: Products
    multipliers: tuple[SingleMultiplier, ...]

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the dense layer that an operator describes.

        Raises:
            ArtifactError: shuffled weights, or anything else that is not supported.
        """
        operands.expect_inputs(2, 3)
        operands.expect_option("WeightsFormat", 0)
        source = operands.activation(0)
        output = operands.output()
        products, factors = parse_products(operands, source, output, slot=1, bias_slot=2, rank=2, channel_axis=0)
        channels, depth = products.weights.shape
        keep = bool(operands.option("KeepNumDims"))
        size = (source.shape or (1,))[-1] if keep else math.prod(source.shape)
        if size != depth:
            raise operands.refusal(
                f"the weights read {depth} elements, the input {(1, *source.shape)} gives {size}", operands.tensor(1)
            )
        operands.output(shape=(*source.shape[:-1], channels) if keep else (channels,))
        return cls(
            **operands.wiring((source,), output),
            rows=math.prod(output.shape[:-1]),
            depth=depth,
            products=products,
            multipliers=_multipliers(operands, factors, products.largest_sums),
        )

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ..., O) for input codes (N, ...)."""
        products = self.products
        values, kernel = products.centred(codes)
        sums = values.reshape(len(codes), self.rows, self.depth) @ kernel.T
        rescaled = multiply_once(sums.astype(np.int64) + products.bias, self.multipliers)
        return products.codes(rescaled).reshape(len(codes), *self.output_shape)

    @classmethod
    def macs(cls, shapes: OperandShapes) -> int:
        """Every output element sums I products: weights are (O, I)."""
        return math.prod(shapes.output()) * shapes.input(1, 2)[1]


def _multipliers(
    operands: Operands, factors: tuple[float, ...], largest_sums: tuple[int, ...]
) -> tuple[SingleMultiplier, ...]:
    """Returns one multiplier per channel; channels of one factor (mostly all) share theirs."""
    largest: dict[float, int] = {}
    for factor, largest_sum in zip(factors, largest_sums, strict=True):
        largest[factor] = max(largest_sum, largest.get(factor, 0))
    try:
        found = {factor: single_multiplier(factor, bound) for factor, bound in largest.items()}
    except ValueError as error:
        raise operands.refusal(f"its scales do not go together: {error}") from error
    return tuple(found[factor] for factor in factors)
