import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, constant, parsed, run, single

from edge_nas.errors import ArtifactError

OPTIONS = {
    "Padding": 1,
    "StrideH": 1,
    "StrideW": 1,
    "DilationHFactor": 1,
    "DilationWFactor": 1,
    "DepthMultiplier": 1,
    "FusedActivationFunction": 0,
}


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("DEPTHWISE_CONV_2D", 50)


def test_every_output_channel_reads_its_own_input_channel() -> None:
    kernel = constant(np.array([1, 2, 3, 4]).reshape(1, 1, 1, 4), 1.0)
    options = {**OPTIONS, "DepthMultiplier": 2}
    graph = single("DEPTHWISE_CONV_2D", [Given((1, 1, 1, 2), 1.0), kernel], Given((1, 1, 1, 4), 1.0), options)
    np.testing.assert_array_equal(run(graph, [[[[5, 7]]]]).ravel(), [5, 10, 21, 28])
    assert parsed(graph).depth_multiplier == 2


@pytest.mark.parametrize("channels", [1, 2, 3, 16, 33])
def test_channels_strides_and_scales(channels: int) -> None:
    rng = np.random.default_rng(channels)
    kernel = constant(
        rng.integers(-128, 128, (1, 3, 3, channels)), np.linspace(0.001, 0.02, channels), [0] * channels, 3
    )
    options = {**OPTIONS, "Padding": 0, "StrideH": 2, "StrideW": 2, "FusedActivationFunction": 1}
    data = rng.integers(-9999, 9999, channels).astype(np.int32)
    bias = Given((channels,), 0.001, 0, "int32", 0, data)
    graph = single(
        "DEPTHWISE_CONV_2D",
        [Given((1, 5, 6, channels), 0.05, 3), kernel, bias],
        Given((1, 3, 3, channels), 0.4, -128),
        options,
    )
    check_equal(graph)


def test_what_is_not_supported_is_refused() -> None:
    image, output = Given((1, 4, 4, 4)), Given((1, 4, 4, 6))
    with pytest.raises(ArtifactError, match="a multiple of it"):
        parsed(single("DEPTHWISE_CONV_2D", [image, constant(np.ones((1, 1, 1, 6)))], output, OPTIONS))
    with pytest.raises(ArtifactError, match="a multiple of it"):
        parsed(single("DEPTHWISE_CONV_2D", [image, constant(np.ones((2, 1, 1, 4)))], output, OPTIONS))
    with pytest.raises(ArtifactError, match="DilationHFactor is 0; at least 1"):
        parsed(
            single(
                "DEPTHWISE_CONV_2D",
                [image, constant(np.ones((1, 1, 1, 4)))],
                Given((1, 4, 4, 4)),
                {**OPTIONS, "DilationHFactor": 0},
            )
        )
