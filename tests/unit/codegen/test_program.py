"""Windows and layouts."""

import pytest

from edge_nas.codegen.program import WHOLE, Kernel, Layout, RowWindow


def test_a_window_counts_the_rows_that_runs_need():
    three = RowWindow(1, 1, -1, 3)
    assert [three.first(run) for run in range(3)] == [-1, 0, 1]
    assert [three.needed(runs, 5) for runs in range(6)] == [0, 2, 3, 4, 5, 5]


def test_a_window_of_an_upsampled_image_reads_two_small_rows():
    window = RowWindow(1, 2, -1, 2)
    assert [window.first(run) for run in range(6)] == [-1, 0, 0, 1, 1, 2]


def test_a_whole_window_needs_every_row_at_once():
    assert WHOLE.first(7) == 0
    assert [WHOLE.needed(runs, 9) for runs in range(3)] == [0, 9, 9]


@pytest.mark.parametrize(("width", "left", "right", "stride"), [(5, 1, 1, 6), (4, 0, 1, 5), (5, 0, 0, 6), (4, 0, 0, 4)])
def test_planes_share_their_borders(width, left, right, stride):
    layout = Layout("planar", width, 3, left=left, right=right)
    assert layout.stride == stride
    assert layout.row_bytes >= left + 2 * stride + width + max(right, width % 2)


def test_loads_of_whole_words_stay_inside_the_row():
    layout = Layout("planar", 5, 2, left=1, right=1, reach=3)
    assert layout.row_bytes >= layout.left + layout.stride + layout.width + layout.reach


def test_pairs_have_whole_pixels_and_whole_channels():
    assert Layout("pairs", 5, 3).row_bytes == 3 * 2 * 8
    assert Layout("flat", 5, 3).row_bytes == 15


def test_a_row_of_pairs_has_room_for_what_vectors_load():
    """Eight pixels of a byte per channel, these in even number, and a vector behind."""
    assert Layout("pairs", 80, 4).row_bytes == 80 * 4 * 2
    assert Layout("pairs", 1, 3).row_bytes == 8 * 4 + 16


def test_a_kernel_is_named_after_its_parameters():
    assert Kernel("pointwise", {"pairs": "4", "target": "planar"}).function == "edge_pointwise_4_planar"
    assert Kernel("max_pool").structure == "EdgeMaxPool"
