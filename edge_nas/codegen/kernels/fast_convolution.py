"""What the fast kernels of CONV_2D share: weights as a matrix, and from sums to codes in two or three instructions."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import FastKernel
from edge_nas.codegen.scaling import Scaled, Shifts, linear_is_exact, relu_shifts, scale_linear, scale_relu
from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Integers
from edge_nas.int8.operators.convolution import Convolution


@dataclass(frozen=True)
class Rescaling:
    """How sums become codes (see `scaling`).

    Attributes:
        scaled: the integers.
        rounding: "relu" where the smallest code stands for zero and all outputs share a shift, else "linear".
        shift: of clipped outputs; 0 for linear ones, which have theirs among the constants of their channel.
    """

    scaled: Scaled
    rounding: Literal["relu", "linear"]
    shift: int


class FastConvolution(FastKernel[Convolution]):
    """A kernel that sums products of codes + 128 and scales the sums at once.

    Attributes:
        fractions: whether the bias need not be a multiple of the factor, as where it is scaled before it is added.
    """

    fractions: ClassVar[bool]

    @cached_property
    def taps(self) -> Integers:
        """The weights as (output channels, taps) int64."""
        weights = self.operator.weights.weights
        return weights.reshape(len(weights), -1).astype(np.int64)

    @cached_property
    def bias_on_codes(self) -> Integers:
        """The bias (output channels,) of sums over int8 codes, where the border holds the zero point."""
        weights = self.operator.weights
        bias: Integers = weights.bias.astype(np.int64) - weights.input_zero_point * self.taps.sum(axis=1)
        return bias

    @cached_property
    def is_exact(self) -> bool:
        """Whether the sums can be made, and scaled."""
        return self.has_fast_window and (bool(self._shifts) or linear_is_exact(self.operator.weights, self.taps))

    @property
    @abstractmethod
    def has_fast_window(self) -> bool:
        """Whether the kernel has room for the window and its channels, and can sum its products."""

    @property
    def is_pointwise(self) -> bool:
        """Whether every output pixel reads the one input pixel at its place."""
        window = self.operator.window
        return (window.height, window.width, window.stride_height, window.stride_width) == (1, 1, 1, 1)

    @property
    def has_full_range(self) -> bool:
        """Whether no output is clipped but by the limits of int8."""
        weights = self.operator.weights
        return (weights.activation_min, weights.activation_max) == (INT8_MIN, INT8_MAX)

    def shifts(self) -> Shifts:
        """Returns the shifts with which it is exact behind a ReLU, by one rounding."""
        return self._shifts

    def rescaling(self, builder: ProgramBuilder) -> Rescaling:
        """Returns how its sums become codes in a program."""
        if self._shifts:
            shift = builder.shift_of(self.operator)
            return Rescaling(scale_relu(self.operator.weights, self.taps, shift), "relu", shift)
        return Rescaling(scale_linear(self.operator.weights, self.taps), "linear", 0)

    @cached_property
    def _shifts(self) -> Shifts:
        if not self.has_fast_window:
            return Shifts()
        return relu_shifts(self.operator.weights, self.taps, fractions=self.fractions)
