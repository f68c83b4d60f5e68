import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, parsed, run, single

from edge_nas.errors import ArtifactError


def test_all_codes_at_many_scales_give_the_reference_bytes() -> None:
    check_random_layers("HARD_SWISH", 10)
    rng = np.random.default_rng(0)
    for _ in range(200):
        scale = float(np.exp(rng.uniform(np.log(1e-3), np.log(2))))
        output_scale = scale * float(np.exp(rng.uniform(np.log(0.02), np.log(20))))
        zero_points = rng.integers(-128, 128, 2).tolist()
        graph = single(
            "HARD_SWISH", [Given((1, 256), scale, zero_points[0])], Given((1, 256), output_scale, zero_points[1]), {}
        )
        check_equal(graph, count=1)


def test_known_values() -> None:
    graph = single("HARD_SWISH", [Given((1, 4), 0.1, 0)], Given((1, 4), 0.1, 0), {})
    found = run(graph, [[-40, 0, 50, -15]])
    np.testing.assert_allclose(found, [[0, 0, 50, -4]], atol=1)  # -1.5 * 1.5 / 6 = -0.375


@pytest.mark.parametrize("scales", [(1.0, 1e-3), (1.0, 1e4), (1e6, 1e6)])
def test_scales_outside_16_bits_are_refused(scales: tuple[float, float]) -> None:
    with pytest.raises(ArtifactError, match="do not fit into the 16 bits"):
        parsed(single("HARD_SWISH", [Given((1, 2), scales[0])], Given((1, 2), scales[1]), {}))
