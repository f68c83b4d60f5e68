import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, parsed, run, single

from edge_nas.errors import ArtifactError


@pytest.mark.parametrize("kind", ["RELU", "RELU6", "LEAKY_RELU"])
def test_all_codes_at_many_scales_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind, 10)
    rng = np.random.default_rng(0)
    for _ in range(120):
        first, second = np.exp(rng.uniform(np.log(1e-3), np.log(1), 2)).tolist()
        zero_points = rng.integers(-128, 128, 2).tolist()
        options = {"Alpha": float(np.float32(rng.uniform(0, 1.5)))} if kind == "LEAKY_RELU" else {}
        shape = (1, 256)
        graph = single(kind, [Given(shape, first, zero_points[0])], Given(shape, second, zero_points[1]), options)
        check_equal(graph, count=1)


def test_known_values() -> None:
    codes = [[-60, -2, 0, 1, 40, 120]]
    shape = (1, 6)
    relu = single("RELU", [Given(shape, 0.1, 0)], Given(shape, 0.1, 0))
    np.testing.assert_array_equal(run(relu, codes), [[0, 0, 0, 1, 40, 120]])
    relu6 = single("RELU6", [Given(shape, 0.1, 0)], Given(shape, 0.1, 0))
    np.testing.assert_array_equal(run(relu6, codes), [[0, 0, 0, 1, 40, 60]])
    leaky = single("LEAKY_RELU", [Given(shape, 0.1, 0)], Given(shape, 0.1, 0), {"Alpha": 0.5})
    np.testing.assert_array_equal(run(leaky, codes), [[-30, -1, 0, 1, 40, 120]])


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match=r"Alpha is -0\.5; at least 0"):
        parsed(single("LEAKY_RELU", [Given((1, 2))], Given((1, 2)), {"Alpha": -0.5}))
    with pytest.raises(ArtifactError, match="Alpha is missing"):
        parsed(single("LEAKY_RELU", [Given((1, 2))], Given((1, 2))))
    with pytest.raises(ArtifactError, match="output shape"):
        parsed(single("RELU", [Given((1, 2))], Given((1, 3)), {}))
