"""What a file says of its operator by registering it, and that a file outside of the package can."""

from typing import Self

import numpy as np
import pytest
from int8graphs.single import Given, run, single

from edge_nas.int8.kinds import OPERATORS, SchemaOptions, register, resolver_method
from edge_nas.int8.operands import Operands, ParsedOperator
from edge_nas.int8.operators.lookup import LookupTable, all_codes


class Absolute(LookupTable):
    """ABS between tensors of one scale and zero point."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        source = operands.activation(0)
        output = operands.output(shape=source.shape, same_codes_as=source)
        return cls.of(operands, source, output, np.abs(all_codes() - source.zero_point) + source.zero_point)


@pytest.fixture
def absolute():
    """The operator of a third party, while a test runs; the package's own is out of the way."""
    ours = OPERATORS.pop("ABS")
    register("ABS", options=SchemaOptions("AbsOptions"))(Absolute)
    yield OPERATORS["ABS"]
    OPERATORS["ABS"] = ours


def test_an_operator_from_outside_is_read_and_run(absolute) -> None:
    graph = single("ABS", [Given((1, 4), zero_points=3)], Given((1, 4), zero_points=3))
    np.testing.assert_array_equal(run(graph, [[-128, 2, 3, 127]]), [[127, 4, 3, 127]])


def test_a_kind_knows_its_version_and_the_library_s_method(absolute) -> None:
    assert (absolute.parsed, absolute.version, absolute.resolver) == (Absolute, 2, "AddAbs")
    assert OPERATORS["CONV_2D"].version == 3


def test_a_name_is_taken_once(absolute) -> None:
    with pytest.raises(ValueError, match="'ABS' is registered twice"):
        register("ABS")(Absolute)


def test_methods_are_named_after_the_schema() -> None:
    assert resolver_method("RESIZE_NEAREST_NEIGHBOR") == "AddResizeNearestNeighbor"
    assert resolver_method("MAX_POOL_2D") == "AddMaxPool2D"


def test_an_operator_without_a_run_is_none() -> None:
    class Unfinished(ParsedOperator):
        parse = Absolute.parse

    with pytest.raises(TypeError, match="abstract"):
        Unfinished(index=0, kind="ABS", inputs=(0,), constants={}, output=1, input_shapes=((4,),), output_shape=(4,))
