import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, constant, indices, parsed, run, single

from edge_nas.errors import ArtifactError

OPTIONS = {"Padding": 1, "StrideH": 2, "StrideW": 2, "FusedActivationFunction": 0}


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("TRANSPOSE_CONV", 40)


def test_a_pixel_becomes_its_multiple_of_the_kernel() -> None:
    kernel = constant(np.array([1, 2, 3, 4]).reshape(1, 2, 2, 1), 1.0)
    sources = [indices([1, 4, 4, 1]), kernel, Given((1, 2, 2, 1), 1.0)]
    graph = single("TRANSPOSE_CONV", sources, Given((1, 4, 4, 1), 1.0), OPTIONS)
    found = run(graph, np.array([[1, 0], [0, 10]]).reshape(1, 2, 2, 1))
    np.testing.assert_array_equal(found.reshape(4, 4), [[1, 2, 0, 0], [3, 4, 0, 0], [0, 0, 10, 20], [0, 0, 30, 40]])


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("kernel", [(1, 1), (2, 3), (4, 4)])
def test_kernels_smaller_and_larger_than_the_stride(padding: int, kernel: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    sizes = [6, 10] if padding == 0 else [(n - 1) * 2 + k for n, k in zip((3, 5), kernel, strict=True)]
    sources = [
        indices([1, *sizes, 3]),
        constant(rng.integers(-128, 128, (3, *kernel, 2)), [0.01, 0.02, 0.03], [0, 0, 0]),
        Given((1, 3, 5, 2), 0.1, 4),
        Given((3,), 0.001, 0, "int32", 0, np.array([100, -200, 300], np.int32)),
    ]
    check_equal(single("TRANSPOSE_CONV", sources, Given((1, *sizes, 3), 0.5, 1), {**OPTIONS, "Padding": padding}))


def test_what_is_not_supported_is_refused() -> None:
    image, kernel = Given((1, 2, 2, 1)), constant(np.ones((1, 2, 2, 1)))
    with pytest.raises(ArtifactError, match=r"the shape \(1, 4, 5, 1\) is asked for"):
        parsed(single("TRANSPOSE_CONV", [indices([1, 4, 5, 1]), kernel, image], Given((1, 4, 4, 1)), OPTIONS))
    with pytest.raises(ArtifactError, match="belongs to an input of 4 x 4 pixels, not of 2 x 2"):
        parsed(single("TRANSPOSE_CONV", [indices([1, 8, 8, 1]), kernel, image], Given((1, 8, 8, 1)), OPTIONS))
    with pytest.raises(ArtifactError, match="the input has 1 channels, the weights read 3"):
        parsed(
            single(
                "TRANSPOSE_CONV",
                [indices([1, 4, 4, 1]), constant(np.ones((1, 2, 2, 3))), image],
                Given((1, 4, 4, 1)),
                OPTIONS,
            )
        )
