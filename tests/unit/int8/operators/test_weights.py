import numpy as np
import pytest
from int8graphs.single import Given, constant, parsed, single

from edge_nas.errors import ArtifactError

OPTIONS = {
    "Padding": 0,
    "StrideH": 1,
    "StrideW": 1,
    "DilationHFactor": 1,
    "DilationWFactor": 1,
    "FusedActivationFunction": 0,
}
KERNEL = constant(np.ones((2, 1, 1, 3)), [0.01, 0.02], [0, 0])
BIAS = Given((2,), 0.001, 0, "int32", 0, np.array([1, -2], np.int32))


def convolution(kernel: Given = KERNEL, bias: Given | None = BIAS, scale: float = 1.0, zero_point: int = 0):
    sources = [Given((1, 4, 4, 3), 0.1, zero_point), kernel, bias]
    return parsed(single("CONV_2D", sources, Given((1, 4, 4, 2), scale), OPTIONS)).weights


def test_every_channel_has_its_multiplier() -> None:
    weights = convolution()
    factors = [multiplier.value * 2.0 ** (multiplier.shift - 31) for multiplier in weights.multipliers]
    assert factors == pytest.approx([0.001, 0.002], rel=1e-7)
    np.testing.assert_array_equal(weights.bias, [1, -2])


def test_one_scale_is_for_all_channels_and_no_bias_is_zeros() -> None:
    weights = convolution(constant(np.ones((2, 1, 1, 3)), 0.01), None)
    assert weights.multipliers[0] == weights.multipliers[1]
    np.testing.assert_array_equal(weights.bias, [0, 0])
    assert weights.bias.dtype == np.int32


def test_the_bound_of_the_sums_is_reached() -> None:
    kernel = constant(np.array([1, -2, 3, 4, 5, 6]).reshape(2, 1, 1, 3), 0.01)
    assert convolution(kernel, zero_point=-128).largest_sums == (6 * 255 + 1, 15 * 255 + 2)
    assert convolution(kernel, zero_point=27).largest_sums == (6 * 155 + 1, 15 * 155 + 2)


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        (Given((2, 1, 1, 3), 0.01, 0, "uint8", 0, np.ones((2, 1, 1, 3), np.uint8)), "it is uint8; supported: int8"),
        (Given((2, 1, 1, 3), 0.01), "computed at run time"),
        (constant(np.ones((2, 3)), 0.01), "4 dimensions are expected"),
        (constant(np.ones((2, 1, 1, 3)), 0.01, 1), "its zero points are not all 0"),
        (constant(np.ones((2, 1, 1, 3)), [0.01, 0.0], [0, 0]), "its scales are not all finite and above 0"),
        (constant(np.ones((2, 1, 1, 3)), [0.01] * 3, [0] * 3, 3), "3 scales along dimension 3; supported: one, or 2"),
        (constant(np.ones((2, 1, 1, 2)), [0.01] * 2, [0] * 2, 3), "2 scales along dimension 3; supported: one, or 2"),
        (constant(np.ones((2, 1, 1, 3)), (), ()), "it has 0 scales"),
        (constant(np.ones((2, 0, 1, 3)), 0.01), "it has no elements"),
    ],
)
def test_wrong_weights_are_refused(kernel: Given, message: str) -> None:
    with pytest.raises(ArtifactError, match=message):
        convolution(kernel)


def test_wrong_biases_are_refused() -> None:
    with pytest.raises(ArtifactError, match="it is int64; supported: int32"):
        convolution(bias=Given((2,), 0.001, 0, "int64", 0, np.zeros(2, np.int64)))
    with pytest.raises(ArtifactError, match="a bias of 2 channels is expected"):
        convolution(bias=Given((3,), 0.001, 0, "int32", 0, np.zeros(3, np.int32)))


def test_sums_beyond_32_bits_are_refused() -> None:
    largest = 2**31 - 1 - 3 * 128
    assert (
        max(convolution(bias=Given((2,), 0.001, 0, "int32", 0, np.array([largest, 0], np.int32))).largest_sums)
        == 2**31 - 1
    )
    with pytest.raises(ArtifactError, match="sums of up to 2147483648 would not fit into 32 bits"):
        convolution(bias=Given((2,), 0.001, 0, "int32", 0, np.array([largest + 1, 0], np.int32)))


def test_a_factor_without_fixed_point_is_refused() -> None:
    with pytest.raises(ArtifactError, match="its scales do not go together"):
        convolution(scale=1e-20)
