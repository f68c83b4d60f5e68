"""The rules that all operators share, each with a file that breaks it."""

from dataclasses import replace

import numpy as np
import pytest
from int8graphs.single import Given, constant, parsed, single
from int8graphs.writer import Writer

from edge_nas.errors import ArtifactError
from edge_nas.int8.operands import CodeTensor, Operands, code_of, single_factor
from edge_nas.int8.reader import read_tflite

NONE = {"FusedActivationFunction": 0}
FINE = Given((1, 3))


def add(first: Given | None = FINE, second: Given | None = FINE, output: Given = FINE, options=NONE):
    return parsed(single("ADD", [first, second], output, options))


def test_a_message_names_file_operator_kind_tensor_and_shape() -> None:
    message = r"^one\.tflite: operator 0 \(ADD\): tensor 1 't1' of shape \(1, 3\): its zero point is 200"
    with pytest.raises(ArtifactError, match=message):
        add(second=Given((1, 3), 0.1, 200))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (Given((1, 3), dtype="float32"), "it is float32; only int8 is supported"),
        (Given((1, 3), dtype="int16"), "it is int16; only int8"),
        (Given((1, 3), (), ()), "it has 0 scales; one for the whole tensor"),
        (Given((1, 3), (0.1, 0.2, 0.3), (0, 0, 0), dimension=1), "it has 3 scales; one for the whole tensor"),
        (Given((1, 3), 0.0), "its scale is 0.0"),
        (Given((1, 3), -1.0), "its scale is -1.0"),
        (Given((1, 3), float("inf")), "its scale is inf"),
        (Given((1, 3), float("nan")), "its scale is nan"),
        (Given((1, 3), 1e-38), "its scale is .*; supported: 7.9e-31 to 1.3e\\+30"),
        (Given((1, 3), 0.1, -129), "its zero point is -129; allowed: -128 to 127"),
        (Given((2, 3)), "its first dimension must be the batch, 1"),
        (Given(()), "its first dimension must be the batch, 1"),
        (Given((1, 0, 3)), "it has no elements"),
        (Given((1, 1, 1, 1, 3)), "at most 4 dimensions"),
        (None, "input 1 is missing"),
    ],
)
def test_a_wrong_input_is_refused(wrong: Given | None, message: str) -> None:
    with pytest.raises(ArtifactError, match=message):
        add(second=wrong)


def test_a_wrong_output_is_refused() -> None:
    with pytest.raises(ArtifactError, match=r"tensor 2 .*output shape \(1, 3\)"):
        add(output=Given((1, 4)))
    with pytest.raises(ArtifactError, match="it is uint8"):
        add(output=Given((1, 3), dtype="uint8"))


def test_wrong_options_are_refused() -> None:
    for number in (4, 5):  # TANH and SIGN_BIT, which kernels take for NONE
        with pytest.raises(ArtifactError, match=f"fused activation number {number} .*RELU_N1_TO_1"):
            add(options={"FusedActivationFunction": number})
    with pytest.raises(ArtifactError, match="the option FusedActivationFunction is missing"):
        add(options=None)


def test_another_number_of_inputs_or_outputs_is_refused() -> None:
    with pytest.raises(ArtifactError, match="it has 3 inputs; supported: 2"):
        parsed(single("ADD", [FINE, FINE, FINE], FINE, NONE))
    writer = Writer()
    tensors = [writer.tensor((1, 3), 0.1, 0) for _ in range(3)]
    writer.operator("RELU", tensors[:1], tensors[1:], {})
    graph = read_tflite(writer.finish(tensors[:1], tensors[1:]), "two.tflite")
    with pytest.raises(ArtifactError, match="it has 2 outputs; exactly one"):
        Operands(graph, graph.operators[0])


def test_constants_must_be_constant_and_of_the_right_kind() -> None:
    computed = Given((2,), (), (), "int32")
    options = {"AlignCorners": 0, "HalfPixelCenters": 0}
    image, output = Given((1, 2, 2, 1)), Given((1, 4, 4, 1))
    sizes = np.array([4, 4])
    for size, message in (
        (computed, "computed at run time; only a constant"),
        (Given((2,), (), (), "int64", 0, sizes.astype(np.int64)), "it is int64; supported: int32"),
        (Given((1, 2), (), (), "int32", 0, sizes[np.newaxis].astype(np.int32)), "1 dimensions are expected"),
    ):
        with pytest.raises(ArtifactError, match=message):
            parsed(single("RESIZE_NEAREST_NEIGHBOR", [image, size], output, options))


def test_options_that_are_no_finite_numbers_are_refused() -> None:
    graph = single("LEAKY_RELU", [FINE], FINE, {"Alpha": float("nan")})
    with pytest.raises(ArtifactError, match="Alpha is nan; a finite number"):
        parsed(graph)


@pytest.mark.parametrize(("number", "expected"), [(0, (-128, 127)), (1, (-5, 127)), (2, (-15, 5)), (3, (-5, 55))])
def test_fused_activations_become_codes(number: int, expected: tuple[int, int]) -> None:
    operator = add(output=Given((1, 3), 0.1, -5), options={"FusedActivationFunction": number})
    assert (operator.activation_min, operator.activation_max) == expected


def test_fused_activations_stay_inside_int8() -> None:
    operator = add(output=Given((1, 3), 0.01, 100), options={"FusedActivationFunction": 2})
    assert (operator.activation_min, operator.activation_max) == (0, 127)


def test_codes_of_reals_are_rounded_away_from_zero() -> None:
    tensor = CodeTensor(0, (1,), 2.0, 10, False)
    assert [code_of(value, tensor) for value in (1.0, -1.0, 0.9, 3.0, -3.0)] == [11, 9, 10, 12, 8]


def test_single_factors_are_rounded_at_every_step() -> None:
    first, second, divisor = 0.1, 0.3, 0.7
    product = np.float32(np.float32(first) * np.float32(second))
    assert single_factor(first, second, divisor) == float(np.float32(product / np.float32(divisor)))
    assert single_factor(first, second, divisor) != first * second / divisor


def test_factors_beyond_float32_are_refused() -> None:
    assert single_factor(1e30, 1e30, 1.0) == float("inf")
    large = Given((1, 3), 1e30)
    with pytest.raises(ArtifactError, match="the factor inf has no fixed-point form"):
        parsed(single("MUL", [large, large], FINE, NONE))


def test_a_constant_of_few_dimensions_keeps_its_shape() -> None:
    for shape in ((), (3,), (1, 3), (2, 3)):
        given = constant(np.ones(shape))
        operator = parsed(single("ADD", [Given((1, 2, 3)), given], Given((1, 2, 3)), NONE))
        assert operator.input_shapes == ((2, 3), shape)
    full = constant(np.ones((1, 2, 3)))
    assert parsed(single("ADD", [Given((1, 2, 3)), full], Given((1, 2, 3)), NONE)).input_shapes[1] == (2, 3)
    with pytest.raises(ArtifactError, match="first dimension must be the batch"):
        parsed(single("ADD", [Given((1, 2, 3)), constant(np.ones((2, 2, 3)))], Given((1, 2, 3)), NONE))


def test_a_missing_tensor_in_the_middle_is_named() -> None:
    graph = read_tflite(single("ADD", [FINE, FINE], FINE, NONE).data, "a.tflite")
    operands = Operands(graph, replace(graph.operators[0], inputs=(-1, 1)))
    assert not operands.has_input(0)
    with pytest.raises(ArtifactError, match="input 0 is missing"):
        operands.input(0)
