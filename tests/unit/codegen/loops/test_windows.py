from edge_nas.codegen.loops.windows import Axis


def test_taps_inside_an_image() -> None:
    # Three outputs of three taps on three pixels, one pixel of border: the first and the last miss one tap each.
    axis = Axis(outputs=3, taps=3, stride=1, dilation=1, pad=1, size=3)
    assert (axis.inside, axis.outside) == (7, 2)
    assert Axis(outputs=2, taps=2, stride=2, dilation=3, pad=0, size=4).inside == 3


def test_places_of_taps_and_ends_outside() -> None:
    axis = Axis(outputs=2, taps=3, stride=2, dilation=1, pad=1, size=3)
    assert list(axis.tap_places()) == [(1, 0), (2, 1), (0, 1), (1, 2)]
    assert axis.ends_outside == 2  # before the first output's window, and behind the second's


def test_taps_of_a_transposed_window() -> None:
    # Output 0 meets input 0 by tap 0; output 1 by tap 1; output 2 input 1 by tap 0 and input 0 by tap 2.
    assert Axis(outputs=3, taps=3, stride=2, dilation=1, pad=0, size=2).met == 4
