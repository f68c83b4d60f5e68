import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, constant, parsed, run, single

from edge_nas.errors import ArtifactError

NONE, RELU, RELU6 = ({"FusedActivationFunction": number} for number in (0, 1, 3))


@pytest.mark.parametrize("kind", ["ADD", "SUB"])
def test_random_layers_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind)


@pytest.mark.parametrize("kind", ["ADD", "SUB"])
@pytest.mark.parametrize(
    "shapes",
    [((1, 3, 5, 2), (1, 3, 5, 2)), ((1, 3, 5, 2), (1, 1, 1, 2)), ((1, 4), (1, 2, 3, 4)), ((1, 3, 1, 2), (1, 1, 4, 2))],
)
def test_shapes_spread_over_each_other(kind: str, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    output = Given(tuple(np.broadcast_shapes(*shapes)), 0.11, -7)
    check_equal(single(kind, [Given(shapes[0], 0.03, 5), Given(shapes[1], 0.07, -90)], output, RELU))


def test_a_known_sum() -> None:
    graph = single("ADD", [Given((1, 3), 1.0, 0), Given((1, 3), 1.0, 0)], Given((1, 3), 1.0, 0), NONE)
    np.testing.assert_array_equal(run(graph, [[1, 100, -100]], [[2, 100, -100]]), [[3, 127, -128]])


def test_a_constant_comes_on_either_side() -> None:
    three = constant([[1, 2, 3]], 1.0)
    for sources in ([three, Given((1, 3), 1.0)], [Given((1, 3), 1.0), three]):
        graph = single("SUB", sources, Given((1, 3), 1.0), NONE)
        sign = 1 if sources[0] is three else -1
        np.testing.assert_array_equal(run(graph, [[10, 10, 10], [0, 0, 0]]), sign * np.array([[-9, -8, -7], [1, 2, 3]]))


def test_the_parameters_are_resolved() -> None:
    graph = single("SUB", [Given((1, 3), 0.5, 3), Given((1, 3), 0.25, -4)], Given((1, 3), 1.0, 9), RELU6)
    operator = parsed(graph)
    assert (operator.subtract, operator.input_zero_points, operator.output_zero_point) == (True, (3, -4), 9)
    assert (operator.activation_min, operator.activation_max) == (9, 15)
    values = [m.value * 2.0 ** (m.shift - 31) for m in (*operator.input_multipliers, operator.output_multiplier)]
    assert values == pytest.approx([0.5, 0.25, 1 / 2**20])


def test_what_is_not_supported_is_refused() -> None:
    activation = Given((1, 3), 1.0)
    with pytest.raises(ArtifactError, match="too fine for the inputs"):
        parsed(single("ADD", [activation, activation], Given((1, 3), 1e-7), NONE))
    with pytest.raises(ArtifactError, match="both inputs are constants"):
        parsed(single("ADD", [constant([[1]]), constant([[1]])], Given((1, 1)), NONE))
    with pytest.raises(ArtifactError, match=r"\(3,\) and \(2,\).*do not go together"):
        parsed(single("ADD", [activation, Given((1, 2))], Given((1, 3)), NONE))
    with pytest.raises(ArtifactError, match="output shape"):
        parsed(single("ADD", [activation, activation], Given((1, 4)), NONE))
