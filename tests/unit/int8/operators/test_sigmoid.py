import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, parsed, run, single

from edge_nas.errors import ArtifactError

OUTPUTS = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}


@pytest.mark.parametrize("kind", OUTPUTS)
def test_all_codes_at_many_scales_give_the_reference_bytes(kind: str) -> None:
    check_random_layers(kind, 10)
    rng = np.random.default_rng(0)
    for scale in (*np.exp(rng.uniform(np.log(1e-4), np.log(4), 150)), 1e-9, 1e3):
        shape = (1, 256)
        graph = single(kind, [Given(shape, float(scale), int(rng.integers(-128, 128)))], Given(shape, *OUTPUTS[kind]))
        check_equal(graph, count=1)  # the ramp holds every code


def test_known_values() -> None:
    logistic = single("LOGISTIC", [Given((1, 3), 0.1, 0)], Given((1, 3), 1 / 256, -128))
    np.testing.assert_array_equal(run(logistic, [[0, 127, -128]]), [[0, 127, -128]])
    tanh = single("TANH", [Given((1, 3), 0.1, 0)], Given((1, 3), 1 / 128, 0))
    np.testing.assert_array_equal(run(tanh, [[0, 127, -128]]), [[0, 127, -128]])


@pytest.mark.parametrize("kind", OUTPUTS)
def test_another_output_scale_or_zero_point_is_refused(kind: str) -> None:
    scale, zero_point = OUTPUTS[kind]
    for output in (Given((1, 3), scale * 1.1, zero_point), Given((1, 3), scale, zero_point + 1)):
        with pytest.raises(ArtifactError, match=f"{kind}.*supported: {scale} and {zero_point}"):
            parsed(single(kind, [Given((1, 3))], output))
