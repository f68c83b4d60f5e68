"""Operators from outside of the package, and which kernel an operator gets."""

from collections.abc import Iterator
from typing import Self

import numpy as np
import pytest
from codegraphs import Case, run_merged
from int8graphs import Draft, run_reference
from int8graphs.random_graphs import finish
from int8graphs.single import Given, run, single

from edge_nas.codegen import compile_tflite
from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import LOWERINGS, FastKernel, OperatorLowering, lowers
from edge_nas.codegen.operators.lookup import LookupLowering
from edge_nas.errors import ArtifactError
from edge_nas.int8.kinds import OPERATORS, SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.lookup import LookupTable, all_codes

CODES = np.array([[-128, -3, 4, 5, 127], [0, 1, 2, 3, 4]], np.int8)


def negated():
    """A file of the operator, which is written in its version for int8."""
    return single("NEG", [Given((1, 5), zero_points=4)], Given((1, 5), zero_points=4))


class Negation(ParsedOperator):
    """NEG between tensors of one scale and zero point."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        source = operands.activation(0)
        return cls(**operands.wiring((source,), operands.output(shape=source.shape, same_codes_as=source)))

    def run(self, codes: Codes) -> Codes:
        return np.clip(2 * 4 - codes.astype(np.int16), -128, 127).astype(np.int8)


class NegationLowering(OperatorLowering[Negation]):
    """A table of 256 codes."""

    def lower(self, builder: ProgramBuilder) -> None:
        from edge_nas.codegen.operators.lookup import lower_lookup

        lower_lookup(builder, self.operator, self.operator.run(all_codes()))


@pytest.fixture
def negation() -> Iterator[None]:
    """The operator of a third party: read and run."""
    register("NEG", options=SchemaOptions("NegOptions"), version=1)(Negation)
    yield
    del OPERATORS["NEG"]


@pytest.fixture
def negation_in_c(negation) -> Iterator[None]:
    """The same, with its C."""
    lowers(Negation)(NegationLowering)
    yield
    del LOWERINGS[Negation]


def test_an_operator_from_outside_is_compiled(negation_in_c, tmp_path) -> None:
    (output,) = run_merged([Case(compile_tflite(negated().data), CODES)], tmp_path)
    np.testing.assert_array_equal(output, run(negated(), CODES))
    np.testing.assert_array_equal(output[0], [127, 11, 4, 3, -119])


def test_layouts_are_chosen_backwards_and_steps_added_forwards(append_convolution) -> None:
    """The example of the module's docstring."""
    draft = Draft(np.random.default_rng(0))
    image = draft.activation((1, 6, 8, 3), 0.0078, 0)
    a = append_convolution(draft, image, 3, depthwise=True)
    b = append_convolution(draft, a, 4)
    output = draft.activation((1, 192), b.scale, b.zero_point)
    last = draft.operator("RESHAPE", [b.index, draft.writer.constant((1, 192))], output, {})
    compiled = compile_tflite(finish(draft, [image], [last]).data, arena_limit=1 << 30)
    assert [
        (step.name.partition(":")[0], step.function.split("_s1")[0].split("_2_")[0]) for step in compiled.steps
    ] == [
        ("layout", "edge_planar_from_flat_3"),
        ("DEPTHWISE_CONV_2D", "edge_depthwise3"),
        ("CONV_2D", "edge_pointwise"),
    ]


def test_windows_of_a_first_layer_are_gathered_as_pixels(append_convolution) -> None:
    """Three rows of nine codes: 27 channels of a pixel, and one more that has no weight."""
    compiled = compile_tflite(first_layer(append_convolution), arena_limit=1 << 30)
    functions = [step.function.split("_14_")[0] for step in compiled.steps]
    assert functions == ["edge_pairs_from_windows_9", "edge_pointwise"]


def test_windows_are_not_gathered_where_memory_forbids_it(append_convolution) -> None:
    compiled = compile_tflite(first_layer(append_convolution), arena_limit=0)
    assert [step.function for step in compiled.steps] == ["edge_convolution_patches"]
    assert [operator.kind for operator in compiled.slowed] == ["CONV_2D"]


def first_layer(append_convolution) -> bytes:
    draft = Draft(np.random.default_rng(1))
    image = draft.activation((1, 6, 8, 3), 0.0078, 0)
    return finish(draft, [image], [append_convolution(draft, image, 5, taps=3)]).data


def test_an_operator_that_has_no_c_is_named(negation) -> None:
    with pytest.raises(ArtifactError, match=r"file: operator 0 \(NEG\) has no kernel in C; it can be run but not"):
        compile_tflite(negated().data, source="file")


def test_a_subclass_is_lowered_as_its_class() -> None:
    class Special(LookupTable):
        parse = Negation.parse

    from edge_nas.codegen.lowering import lowering_class

    assert lowering_class(Special) is LookupLowering


def test_a_class_is_lowered_once() -> None:
    with pytest.raises(ValueError, match="LookupTable is lowered twice"):
        lowers(LookupTable)(LookupLowering)


def test_the_first_kernel_that_fits_is_chosen_and_parsed_operators_are_not_kept(negation, monkeypatch) -> None:
    asked: list[str] = []

    class Misfit(FastKernel[Negation]):
        """Nothing."""

        def fits(self, wanted) -> bool:
            asked.append(f"misfit {sorted(wanted)}")
            return False

        def demands(self):
            raise AssertionError("it does not fit")

        def lower(self, builder) -> None:
            raise AssertionError("it does not fit")

    class Fit(Misfit):
        """Everything."""

        def fits(self, wanted) -> bool:
            return True

        def demands(self):
            return ()

        def lower(self, builder) -> None:
            asked.append("fit")
            NegationLowering(self.operator).lower(builder)

    class WithKernels(NegationLowering):
        """A table of 256 codes."""

        fast_kernels = (Misfit, Fit)

    monkeypatch.setitem(LOWERINGS, Negation, WithKernels)
    compiled = compile_tflite(negated().data)
    assert asked == ["misfit ['flat']", "fit"]
    assert [step.function for step in compiled.steps] == ["edge_lookup"]


def test_what_nobody_reads_is_not_computed_over_the_output(tmp_path) -> None:
    """The output is the very bytes of what a later operator could overwrite: it is that one's input, reshaped."""
    draft = Draft(np.random.default_rng(0))
    source = draft.activation((1, 2, 3, 4))
    likely = draft.operator("SOFTMAX", [source.index], draft.activation((1, 2, 3, 4), 1 / 256, -128), {"Beta": 1.0})
    output = draft.activation((1, 24), likely.scale, likely.zero_point)
    output = draft.operator("RESHAPE", [likely.index, draft.writer.constant((1, 24))], output)
    draft.operator("LOGISTIC", [likely.index], draft.activation((1, 2, 3, 4), 1 / 256, -128))
    graph = finish(draft, [source], [output])
    inputs = np.arange(-24, 24, dtype=np.int8).reshape(2, 2, 3, 4)
    (codes,) = run_merged([Case(compile_tflite(graph.data), inputs.reshape(2, 24))], tmp_path)
    np.testing.assert_array_equal(codes.reshape(2, 24), run_reference(graph.data, [inputs])[0].reshape(2, 24))
