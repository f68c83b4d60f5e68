"""An operator that a file outside of the package adds: read, computed, counted and shown like those of ours.

ABS is what CONTRIBUTING's recipe is followed for: a table of 256 codes, with the integers of TFLite's reference kernel.
"""

from collections.abc import Iterator
from typing import Self

import numpy as np
import pytest
from int8graphs.single import Given, check_equal, run, single

from edge_nas.errors import ArtifactError
from edge_nas.int8.arithmetic import multiply
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.kinds import OPERATORS, SchemaOptions, register
from edge_nas.int8.operands import Operands, single_factor
from edge_nas.int8.operators.lookup import LookupTable, all_codes
from edge_nas.int8.reader import read_tflite

SHAPE = (1, 4, 8, 8)
CODES = np.arange(-128, 128, dtype=np.int8).reshape(SHAPE)


class Absolute(LookupTable):
    """The distance from zero."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the table of the absolute value that an operator describes."""
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        distances = np.abs(all_codes() - source.zero_point)
        if source.scale != output.scale:
            distances = multiply(distances, operands.multiplier(single_factor(source.scale, 1.0, output.scale)))
        return cls.of(operands, source, output, distances + output.zero_point)


@pytest.fixture
def absolute() -> Iterator[None]:
    """Registers the operator for one test, as importing its file would for good."""
    register("ABS", options=SchemaOptions("AbsOptions"))(Absolute)
    yield
    del OPERATORS["ABS"]


def test_without_it_the_operator_is_refused() -> None:
    with pytest.raises(ArtifactError, match="ABS, which is not supported in int8"):
        run(single("ABS", [Given(SHAPE)], Given(SHAPE), {}), CODES)


@pytest.mark.usefixtures("absolute")
def test_it_computes_the_bytes_of_the_reference_kernel() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        scales = np.exp(rng.uniform(np.log(1e-3), np.log(1), 2)).tolist()
        zero_points = rng.integers(-128, 128, 2).tolist()
        check_equal(
            single("ABS", [Given(SHAPE, scales[0], zero_points[0])], Given(SHAPE, scales[1], zero_points[1]), {})
        )


@pytest.mark.usefixtures("absolute")
def test_it_is_counted_and_its_file_read_like_any_other() -> None:
    graph = single("ABS", [Given(SHAPE)], Given(SHAPE), {})
    file = read_tflite(graph.data, "one.tflite")
    cost = tflite_cost(file, len(graph.data))
    assert [(layer.kind, layer.macs) for layer in cost.layers] == [("ABS", 0)]
    assert cost.uncounted == ()


@pytest.mark.usefixtures("absolute")
def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="'ABS' is registered twice"):
        register("ABS")(Absolute)
