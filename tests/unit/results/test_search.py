"""The story of a search."""

import pytest
from searchresults import BOARD, found

from edge_nas.search.publishing import story_of


def test_the_board_of_a_network() -> None:
    story = story_of(found(), name="numbers", heading="mIoU", dataset_sha256="d", seed=0)
    assert story.board_of(1).board == BOARD
    with pytest.raises(KeyError):
        story.board_of(3)
