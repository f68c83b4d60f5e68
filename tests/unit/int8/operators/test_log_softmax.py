import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, parsed, run, single

from edge_nas.errors import ArtifactError


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("LOG_SOFTMAX", 25)


@pytest.mark.parametrize("scale", [0.0005, 0.01, 0.1, 0.7, 4.0])
@pytest.mark.parametrize("classes", [1, 2, 5, 100])
def test_any_scale_gives_the_reference_bytes(scale: float, classes: int) -> None:
    check_equal(single("LOG_SOFTMAX", [Given((1, classes), scale, 3)], Given((1, classes), 1 / 16, 127), {}), count=20)


def test_a_single_class_is_certain_and_two_alike_are_a_half() -> None:
    one = single("LOG_SOFTMAX", [Given((1, 1))], Given((1, 1), 1 / 16, 127), {})
    assert run(one, np.array([[5]])).tolist() == [[127]]
    two = single("LOG_SOFTMAX", [Given((1, 2))], Given((1, 2), 1 / 16, 127), {})
    assert run(two, np.array([[5, 5]])).tolist() == [[127 - round(16 * np.log(2))] * 2]


def test_another_output_scale_is_refused() -> None:
    with pytest.raises(ArtifactError, match="supported: 1/16 and 127"):
        parsed(single("LOG_SOFTMAX", [Given((1, 2))], Given((1, 2), 1 / 8, 127), {}))
