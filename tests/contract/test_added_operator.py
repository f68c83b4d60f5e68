"""An operator that a file outside of the package adds: read, computed, counted and compiled like those of ours.

CONTRIBUTING's recipe is followed for ABS, with the integers of TFLite's reference kernel, in two ways: as a table of
256 codes, which brings everything else, and as a class of its own with a lowering of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pytest
from codegraphs.merged import Case, run_merged
from int8graphs.single import Given, check_equal, run, single

from edge_nas.codegen import compile_tflite
from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import LOWERINGS, OperatorLowering, lowers
from edge_nas.codegen.operators.lookup import lower_lookup
from edge_nas.emulation.tools import HOST_GCC
from edge_nas.errors import ArtifactError
from edge_nas.int8.arithmetic import Integers, Multiplier, multiply
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.kinds import OPERATORS, SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator, single_factor
from edge_nas.int8.operators.lookup import LookupTable, all_codes
from edge_nas.int8.reader import read_tflite

SHAPE = (1, 4, 8, 8)
CODES = np.arange(-128, 128, dtype=np.int8).reshape(SHAPE)


class AbsoluteTable(LookupTable):
    """The distance from zero, looked up."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the table of the absolute value that an operator describes."""
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        rescaling = None
        if source.scale != output.scale:
            rescaling = operands.multiplier(single_factor(source.scale, 1.0, output.scale))
        return cls.of(operands, source, output, absolute(all_codes(), source.zero_point, rescaling, output.zero_point))


@dataclass(frozen=True, kw_only=True)
class Absolute(ParsedOperator):
    """The distance from zero, computed."""

    input_zero_point: int
    rescaling: Multiplier | None
    output_zero_point: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the absolute value that an operator describes."""
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        rescaling = None
        if source.scale != output.scale:
            rescaling = operands.multiplier(single_factor(source.scale, 1.0, output.scale))
        return cls(
            **operands.wiring((source,), output),
            input_zero_point=source.zero_point,
            rescaling=rescaling,
            output_zero_point=output.zero_point,
        )

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        integers = absolute(codes.astype(np.int64), self.input_zero_point, self.rescaling, self.output_zero_point)
        return np.clip(integers, -128, 127).astype(np.int8)


class AbsoluteLowering(OperatorLowering[Absolute]):
    """Any scales."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        lower_lookup(builder, self.operator, self.operator.run(np.arange(-128, 128, dtype=np.int8)))


def absolute(codes: Integers, zero_point: int, rescaling: Multiplier | None, output_zero_point: int) -> Integers:
    """Returns the codes of |code - zero_point|, not clipped yet."""
    distances = np.abs(codes - zero_point)
    if rescaling is not None:
        distances = multiply(distances, rescaling)
    return distances + output_zero_point


@pytest.fixture(autouse=True)
def _without_ours() -> Iterator[None]:
    """Takes the package's own ABS out of the way: any kind that the reference kernels know would do."""
    ours = OPERATORS.pop("ABS")
    yield
    OPERATORS["ABS"] = ours


@pytest.fixture(params=[AbsoluteTable, Absolute])
def added(request: pytest.FixtureRequest) -> Iterator[None]:
    """Registers the operator for one test, as importing its files would for good."""
    register("ABS", options=SchemaOptions("AbsOptions"))(request.param)
    if request.param is Absolute:
        lowers(Absolute)(AbsoluteLowering)
    yield
    del OPERATORS["ABS"]
    LOWERINGS.pop(Absolute, None)


def test_without_it_the_operator_is_refused() -> None:
    with pytest.raises(ArtifactError, match="ABS, which is not supported in int8"):
        run(single("ABS", [Given(SHAPE)], Given(SHAPE), {}), CODES)


@pytest.mark.usefixtures("added")
def test_it_computes_the_bytes_of_the_reference_kernel() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        scales = np.exp(rng.uniform(np.log(1e-3), np.log(1), 2)).tolist()
        zero_points = rng.integers(-128, 128, 2).tolist()
        check_equal(
            single("ABS", [Given(SHAPE, scales[0], zero_points[0])], Given(SHAPE, scales[1], zero_points[1]), {})
        )


@pytest.mark.usefixtures("added")
def test_it_is_counted_and_its_file_read_like_any_other() -> None:
    graph = single("ABS", [Given(SHAPE)], Given(SHAPE), {})
    file = read_tflite(graph.data, "one.tflite")
    cost = tflite_cost(file, len(graph.data))
    assert [(layer.kind, layer.macs) for layer in cost.layers] == [("ABS", 0)]
    assert cost.uncounted == ()


@pytest.mark.skipif(HOST_GCC.path is None, reason="gcc is not installed: apt-get install gcc libc6-dev")
@pytest.mark.usefixtures("added")
def test_its_c_computes_the_same_bytes(tmp_path: Path) -> None:
    graph = single("ABS", [Given(SHAPE, 0.05, -3)], Given(SHAPE, 0.04, 7), {})
    compiled = compile_tflite(graph.data)
    (output,) = run_merged([Case(compiled, CODES.reshape(1, -1))], tmp_path)
    np.testing.assert_array_equal(output, run(graph, CODES).reshape(1, -1))


@pytest.mark.usefixtures("added")
def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="'ABS' is registered twice"):
        register("ABS")(Absolute)
