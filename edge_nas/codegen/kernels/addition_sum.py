"""The sum of two tensors of one shape as one linear form of both codes, flat or planar."""

import functools
import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from edge_nas.codegen.builder import Demand, ProgramBuilder, readings
from edge_nas.codegen.linear import CODES, LinearForm, linear_form, wrapped
from edge_nas.codegen.lowering import FastKernel
from edge_nas.codegen.program import Fields, Kernel, LayoutKind, Pointer, Reading, Rows
from edge_nas.int8.arithmetic import INT8_MIN
from edge_nas.int8.operators.addition import LEFT_SHIFT, Addition

# Of sums whose forms are kept: a search costs thousands of networks whose sums are few.
_FORMS_KEPT = 4096


@dataclass(frozen=True)
class _Sum:
    """A sum of two codes; `numbers`: all that its codes follow from, by which sums are equal."""

    numbers: Hashable
    operator: Addition = field(compare=False)


@functools.lru_cache(_FORMS_KEPT)
def _form_of(wanted: _Sum) -> LinearForm | None:
    """Returns the linear form that gives the codes of a sum; None where there is none."""
    operator = wanted.operator
    of_two_codes = replace(operator, input_shapes=((), ()), output_shape=())
    first, second = np.meshgrid(CODES, CODES, indexing="ij")
    outputs = of_two_codes.run(first.reshape(-1).astype(np.int8), second.reshape(-1).astype(np.int8))
    codes = outputs.reshape(first.shape).astype(np.int64)
    return linear_form(codes, code_slopes(operator), operator.activation_min, operator.activation_max)


class _AdditionSum(FastKernel[Addition]):
    """Tensors of one shape, whose codes a linear form gives."""

    @cached_property
    def form(self) -> LinearForm | None:
        """The linear form of two codes that gives the operator's codes; None where there is none."""
        operator = self.operator
        zero_points = (*operator.input_zero_points, operator.output_zero_point)
        multipliers = (*operator.input_multipliers, operator.output_multiplier)
        limits = (operator.activation_min, operator.activation_max)
        return _form_of(_Sum((operator.subtract, zero_points, multipliers, limits), operator))

    @property
    def is_exact(self) -> bool:
        """Whether the inputs have the output's shape, and a linear form gives the codes."""
        return set(self.operator.input_shapes) == {self.operator.output_shape} and self.form is not None

    def sum_fields(self, zero: int) -> Fields:
        """Returns an EdgeSum; `zero`: what bytes are more than codes, before the sum and behind it, times -1."""
        operator, form = self.operator, self.form
        if form is None:
            raise ValueError("no linear form gives the operator's codes")
        constant = form.constant + zero * (form.first + form.second) - (zero << form.shift)
        return {
            "first": form.first,
            "second": form.second,
            "constant": wrapped(constant),
            "shift": form.shift,
            "low": operator.activation_min - zero,
            "high": operator.activation_max - zero,
        }


class AdditionPlanar(_AdditionSum):
    """Tensors of one shape."""

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:
        """Returns whether both inputs are computed images of the output's shape, which is read planar."""
        is_image = len(self.operator.output_shape) == 3
        return wanted == {"planar"} and is_image and not self.operator.constants and self.is_exact

    def demands(self) -> Iterable[Demand]:
        """Yields the layout of the inputs, that of the output."""
        for tensor in self.operator.inputs:
            yield Demand(self.operator.index, tensor, "planar")

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        operator = self.operator
        a, b = (builder.read(tensor, "planar") for tensor in operator.inputs)
        output = builder.create(operator.output, "planar")
        # Planes hold code + 128.
        fields: Fields = {"a": Rows(a), "b": Rows(b), "output": Rows(output), "sum": self.sum_fields(INT8_MIN)}
        builder.step(
            [operator],
            Kernel("addition_planar"),
            fields,
            [Reading(a), Reading(b)],
            output,
            runs=operator.output_shape[0],
        )


class AdditionFlat(_AdditionSum):
    """Constants of the same shape as well."""

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - it works on flat tensors
        """Returns whether the inputs have the output's shape, and a linear form gives the codes."""
        return self.is_exact

    def demands(self) -> Iterable[Demand]:
        """Yields nothing: it reads its inputs flat."""
        return ()

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, in place where an input has its last reader."""
        operator = self.operator
        output = builder.output_in_place(operator)
        a, b = (builder.operand(tensor) for tensor in operator.inputs)
        fields: Fields = {
            "a": a,
            "b": b,
            "output": Pointer(output),
            "count": math.prod(operator.output_shape),
            "sum": self.sum_fields(0),
        }
        builder.step([operator], Kernel("addition_flat"), fields, readings([a, b]), output, runs=1, whole=True)


def code_slopes(operator: Addition) -> tuple[float, float]:
    """Returns by how much the output's codes grow with those of the inputs."""
    common = 2**LEFT_SHIFT * operator.output_multiplier.factor
    first, second = (common * multiplier.factor for multiplier in operator.input_multipliers)
    return first, -second if operator.subtract else second
