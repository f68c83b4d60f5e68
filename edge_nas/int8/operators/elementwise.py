"""ABS, ELU, EXP, GELU, LOG and RSQRT: functions of one code, as tables.

SQRT, SQUARE and NEG are float only in TFLite and tflite-micro: there are no bytes to agree with.
"""

import math
from collections.abc import Callable, Mapping
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Integers, Multiplier, multiply, multiply_channels
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import CodeTensor, Operands, single_factor
from edge_nas.int8.operators.lookup import LookupTable, Singles, all_codes, quantized_function
from edge_nas.int8.roots import inverse_square_root

# 1 / sqrt(code) has so many fractional bits before it is rescaled.
_ROOT_SHIFT = 20


@register("ELU", version=1)
@register("EXP", options=SchemaOptions("ExpOptions"))
@register("LOG")
class RealFunction(LookupTable):
    """A real function of the value that a code stands for."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the table of the function that an operator names.

        Raises:
            ArtifactError: it has options that no table is known for, or anything else that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        entries = quantized_function(source, output, _FUNCTIONS[operands.kind])
        if operands.kind == "LOG":
            # Of 0 and below the reference makes what the processor makes of no number: the smallest code on ours.
            entries = np.where(all_codes() > source.zero_point, entries, INT8_MIN)
        return cls.of(operands, source, output, entries)


@register("GELU", options=SchemaOptions("GeluOptions", ("Approximate",)), version=1, in_micro=False)
class Gelu(LookupTable):
    """x times the normal distribution's share below x."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the table of the function, or of its approximation by a tanh.

        Raises:
            ArtifactError: anything that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        function = _gelu_by_tanh if operands.option("Approximate") else _gelu
        return cls.of(operands, source, output, quantized_function(source, output, function))


@register("ABS", options=SchemaOptions("AbsOptions"))
class Absolute(LookupTable):
    """The distance from zero."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the table of the absolute value that an operator describes.

        Raises:
            ArtifactError: anything that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        distances = np.abs(all_codes() - source.zero_point)
        if source.scale != output.scale:
            distances = multiply(distances, operands.multiplier(single_factor(source.scale, 1.0, output.scale)))
        return cls.of(operands, source, output, distances + output.zero_point)


@register("RSQRT")
class InverseRoot(LookupTable):
    """1 / sqrt(x); of 0 the largest code, of what lies below, which the reference refuses to compute, as well."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the table that an operator describes.

        Raises:
            ArtifactError: anything that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        return cls.of(operands, source, output, _inverse_roots(operands, source, output))


def _inverse_roots(operands: Operands, source: CodeTensor, output: CodeTensor) -> Integers:
    """Returns the codes of 1 / sqrt(x), in fixed point as the reference kernels."""
    factor = operands.multiplier(1 / (math.sqrt(source.scale) * output.scale))
    distances = all_codes() - source.zero_point
    multipliers, shifts = inverse_square_root(np.maximum(distances, 1))
    pairs = zip(multipliers.tolist(), (shifts + _ROOT_SHIFT).tolist(), strict=True)
    roots = multiply_channels(np.ones_like(distances), [Multiplier(value, shift) for value, shift in pairs])
    rescaled = multiply(roots, Multiplier(factor.value, factor.shift - _ROOT_SHIFT)) + output.zero_point
    return np.where(distances <= 0, INT8_MAX, rescaled)


def _elu(values: Singles) -> Singles:
    exponential = np.exp(np.minimum(values, 0).astype(np.float64)).astype(np.float32)
    return np.where(values < 0, exponential - np.float32(1), values)


def _exp(values: Singles) -> Singles:
    with np.errstate(over="ignore"):
        return np.exp(values.astype(np.float64)).astype(np.float32)


def _log(values: Singles) -> Singles:
    return np.log(np.where(values > 0, values, 1).astype(np.float64)).astype(np.float32)


def _gelu(values: Singles) -> Singles:
    scaled = values * np.float32(-math.sqrt(0.5))
    complement = np.array([math.erfc(float(value)) for value in scaled], np.float64).astype(np.float32)
    return np.float32(0.5) * values * complement


def _gelu_by_tanh(values: Singles) -> Singles:
    root = np.float32(math.sqrt(2 / math.pi))
    inner = root * (values + np.float32(0.044715) * values * values * values)
    return np.float32(0.5) * values * (np.float32(1) + np.tanh(inner.astype(np.float64)).astype(np.float32))


_FUNCTIONS: Mapping[str, Callable[[Singles], Singles]] = {"ELU": _elu, "EXP": _exp, "LOG": _log}
