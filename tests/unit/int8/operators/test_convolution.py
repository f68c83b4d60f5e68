import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, constant, parsed, run, single

from edge_nas.errors import ArtifactError

OPTIONS = {
    "Padding": 0,
    "StrideH": 1,
    "StrideW": 1,
    "DilationHFactor": 1,
    "DilationWFactor": 1,
    "FusedActivationFunction": 0,
}


def bias(values: list[int]) -> Given:
    data = np.array(values, np.int32)
    return Given(data.shape, 0.01, 0, "int32", 0, data)


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("CONV_2D", 50)


def test_the_identity_copies_and_padding_is_the_zero_point() -> None:
    kernel = np.zeros((1, 3, 3, 1))
    kernel[0, 0, 0, 0] = 1
    sources = [Given((1, 2, 2, 1), 1.0, 7), constant(kernel, 1.0), bias([0])]
    graph = single("CONV_2D", sources, Given((1, 2, 2, 1), 1.0, -3), OPTIONS)
    image = np.array([[10, 20], [30, 40]]).reshape(1, 2, 2, 1)
    # The tap looks up and to the left; outside is the real number 0, whose code here is -3.
    np.testing.assert_array_equal(run(graph, image).reshape(2, 2), [[-3, -3], [-3, 0]])


def test_dilated_strided_and_padded_unevenly() -> None:
    options = {**OPTIONS, "StrideH": 2, "StrideW": 3, "DilationHFactor": 2, "DilationWFactor": 1}
    kernel = np.arange(-90, 90).reshape(5, 3, 4, 3)
    scales = [0.001, 0.02, 0.003, 0.0004, 0.05]
    sources = [Given((1, 7, 8, 3), 0.02, -128), constant(kernel, scales, [0] * 5), bias([5, -6, 7, -8, 9])]
    graph = single("CONV_2D", sources, Given((1, 4, 3, 5), 0.7, 13), options)
    check_equal(graph)
    window = parsed(graph).window
    assert (window.pad_top, window.pad_left, window.height, window.width) == (2, 1, 3, 4)


def test_a_factor_above_one_shifts_to_the_left_and_wraps_as_32_bits_do() -> None:
    kernel = np.full((2, 1, 1, 4), 127)
    for scale in (0.5, 1e-3, 1e-6):  # the last overflows: a layer whose outputs are all but zero
        sources = [Given((1, 3, 3, 4), 0.3), constant(kernel, [0.2, 0.01], [0, 0]), bias([1, 2])]
        graph = single("CONV_2D", sources, Given((1, 3, 3, 2), scale), OPTIONS)
        check_equal(graph)
    assert parsed(graph).weights.multipliers[0].shift > 0


def test_sums_beyond_float32_are_exact() -> None:
    rng = np.random.default_rng(0)
    sources = [
        Given((1, 2, 2, 900), 0.01, -128),
        constant(rng.integers(-128, 128, (2, 1, 1, 900)), 0.001),
        bias([2**30, 1]),
    ]
    graph = single("CONV_2D", sources, Given((1, 2, 2, 2), 50.0), OPTIONS)
    assert max(parsed(graph).weights.largest_sums) > 2**24
    check_equal(graph)


def test_what_is_not_supported_is_refused() -> None:
    image, kernel, output = Given((1, 4, 4, 4)), constant(np.ones((2, 1, 1, 4))), Given((1, 4, 4, 2))
    with pytest.raises(ArtifactError, match=r"one\.tflite: operator 0 \(CONV_2D\).*the weights make 2 of 3; either"):
        parsed(single("CONV_2D", [image, constant(np.ones((2, 1, 1, 3))), bias([0, 0])], output, OPTIONS))
    with pytest.raises(ArtifactError, match="it has 1 inputs; supported: 2 to 3"):
        parsed(single("CONV_2D", [image], output, OPTIONS))
    with pytest.raises(ArtifactError, match=r"output shape \(1, 4, 4, 2\)"):
        parsed(single("CONV_2D", [image, kernel, bias([0, 0])], Given((1, 4, 4, 3)), OPTIONS))
    with pytest.raises(ArtifactError, match="it is a constant"):
        parsed(single("CONV_2D", [constant(np.ones((1, 4, 4, 4))), kernel, bias([0, 0])], output, OPTIONS))
