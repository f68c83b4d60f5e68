import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, run, single

from edge_nas.errors import ArtifactError
from edge_nas.int8.operators import parse_operator
from edge_nas.int8.reader import read_tflite


def test_all_codes_at_many_scales_give_the_reference_bytes() -> None:
    check_random_layers("QUANTIZE", 10)
    rng = np.random.default_rng(0)
    for _ in range(100):
        scales = np.exp(rng.uniform(np.log(1e-4), np.log(1), 2)).tolist()
        zero_points = rng.integers(-128, 128, 2).tolist()
        graph = single(
            "QUANTIZE", [Given((1, 256), scales[0], zero_points[0])], Given((1, 256), scales[1], zero_points[1]), {}
        )
        check_equal(graph, count=1)


def test_a_known_change_of_scale() -> None:
    graph = single("QUANTIZE", [Given((1, 4), 0.5, 1)], Given((1, 4), 1.0, -1), {})
    np.testing.assert_array_equal(run(graph, [[1, 2, 4, 127]]), [[-1, 0, 1, 62]])


@pytest.mark.parametrize("dtype", ["float32", "uint8", "int32"])
def test_other_dtypes_are_refused(dtype: str) -> None:
    graph = read_tflite(single("QUANTIZE", [Given((1, 4), 0.5, 1, dtype)], Given((1, 4), 1.0, -1), {}).data, "one")
    # Of a whole network the first operator would be an end.
    with pytest.raises(ArtifactError, match=f"{dtype}"):
        parse_operator(graph, graph.operators[0])
