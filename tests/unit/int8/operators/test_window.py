import numpy as np
import pytest
from int8graphs.single import Given, parsed, single

from edge_nas.errors import ArtifactError
from edge_nas.int8.operators.window import Window, taps

OPTIONS = {"Padding": 0, "StrideH": 2, "StrideW": 2, "FilterHeight": 3, "FilterWidth": 2, "FusedActivationFunction": 0}


def pool(size: tuple[int, int], target: tuple[int, int], **options: int) -> Window:
    graph = single("MAX_POOL_2D", [Given((1, *size, 1))], Given((1, *target, 1)), {**OPTIONS, **options})
    window: Window = parsed(graph).window
    return window


@pytest.mark.parametrize(
    ("size", "target", "padding", "pads"),
    [
        (
            (5, 5),
            (3, 3),
            0,
            (1, 0),
        ),  # 5 needed in 2 * 2 + 3 = 7 rows: one before, one behind; 2 * 2 + 2 = 6: all behind
        ((6, 6), (3, 3), 0, (0, 0)),
        ((5, 5), (2, 2), 1, (0, 0)),
        ((1, 1), (1, 1), 0, (1, 0)),
    ],
)
def test_padding_is_resolved(
    size: tuple[int, int], target: tuple[int, int], padding: int, pads: tuple[int, int]
) -> None:
    window = pool(size, target, Padding=padding)
    assert (window.pad_top, window.pad_left) == pads


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ArtifactError, match="StrideH is 0; at least 1"):
        pool((5, 5), (3, 3), StrideH=0)
    with pytest.raises(ArtifactError, match="padding number 2 is not supported"):
        pool((5, 5), (3, 3), Padding=2)
    with pytest.raises(ArtifactError, match=r"a window of 3 x 2 does not fit into an input of shape \(2, 2, 1\)"):
        pool((2, 2), (1, 1), Padding=1)
    with pytest.raises(ArtifactError, match="a window of 5000 x 2 pixels; at most 4096"):
        pool((5, 5), (3, 3), FilterHeight=5000)


def test_taps_are_what_each_position_meets() -> None:
    image = np.arange(1, 10).reshape(1, 3, 3, 1)
    window = Window(
        height=2, width=1, stride_height=2, stride_width=1, dilation_height=2, dilation_width=1, pad_top=1, pad_left=0
    )
    found = {(ky, kx): seen[0, :, :, 0].tolist() for ky, kx, seen in taps(image, window, (2, 3), -5)}
    # Output row 0 meets rows -1 and 1, output row 1 meets rows 1 and 3.
    assert found == {(0, 0): [[-5, -5, -5], [4, 5, 6]], (1, 0): [[4, 5, 6], [-5, -5, -5]]}
