"""Spaces that are opened, tied and frozen."""

from edge_nas.layers.spaces import Segment, Spaces, width


def test_a_layout_is_as_wide_as_its_segments_with_their_repeats() -> None:
    assert width((Segment(0, 3), Segment(1, 4, repeat=2))) == 11


def test_channels_that_go_together_become_one_in_all_that_is_tied_with_them() -> None:
    spaces = Spaces()
    a, b = spaces.open(12), spaces.open(12)
    assert spaces.join(b, 2)
    spaces.tie(a, b, "add")
    thirds = tuple(segment.times(1, 3) for segment in a)  # one channel made of every three
    assert width(thirds) == 4
    assert spaces.join(a, 3)
    assert spaces.finished(b[0]) == Segment(0, 2, 6)
    assert spaces.finished(thirds[0]) == Segment(0, 2, 2)


def test_channels_of_two_spaces_cannot_go_together_and_nothing_is_changed() -> None:
    spaces = Spaces()
    first, second = spaces.open(4), spaces.open(6)
    assert not spaces.join(first + second, 4)
    assert spaces.finished(first[0]) == first[0]


def test_tied_spaces_are_stood_for_by_the_first_and_keep_the_layers_that_tied_them() -> None:
    spaces = Spaces()
    a, b, c = (spaces.open(4) for _ in range(3))
    spaces.tie(b, c, "late")
    spaces.tie(c, a, "later")
    assert [spaces.find(layout[0].space) for layout in (a, b, c)] == [0, 0, 0]
    assert spaces.ties(2) == ("late", "later")


def test_what_is_frozen_freezes_what_is_tied_with_it_and_the_first_reason_stands() -> None:
    spaces = Spaces()
    a, b = spaces.open(4), spaces.open(4, frozen="first")
    spaces.tie(a, b, "add")
    spaces.freeze(a, "second")
    assert spaces.reason(0) == spaces.reason(1) == "first"


def test_layouts_that_are_cut_differently_are_frozen_not_tied() -> None:
    spaces = Spaces()
    whole, halves = spaces.open(4), spaces.open(2) + spaces.open(2)
    spaces.tie(whole, halves, "add")
    assert [spaces.find(space) for space in range(3)] == [0, 1, 2]
    assert {spaces.reason(space) for space in range(3)} == {"add ties channels that are cut differently"}


def test_a_folded_space_is_a_smaller_one_that_a_tensor_holds_several_times() -> None:
    spaces = Spaces()
    a, b = spaces.open(12), spaces.open(12)
    spaces.join(a, 2)
    spaces.freeze(b, "kept")
    assert spaces.fold(a, 3, "split") == (Segment(2, 4),) * 3
    assert spaces.together(2) == 2
    spaces.tie(b, a, "add")  # b is folded as well
    assert spaces.present(b) == spaces.present(a)
    assert spaces.reason(2) == "kept"


def test_parts_of_several_spaces_lose_the_same_and_a_part_that_ends_inside_of_one_cannot() -> None:
    spaces = Spaces()
    a, b = spaces.open(4), spaces.open(4)
    assert spaces.fold(a + b, 2, "split") == (Segment(0, 4),) * 2
    assert spaces.fold(spaces.open(3) + spaces.open(5), 2, "split") is None
    assert spaces.fold(spaces.open(3), 2, "split") is None


def test_spaces_of_different_size_are_tied_where_parts_that_go_whole_lie_alike() -> None:
    spaces = Spaces()
    a, b = spaces.open(4), spaces.open(12)
    thrice = tuple(segment.times(3) for segment in a)
    spaces.tie(thrice, b, "add")
    assert (spaces.finished(thrice[0]), spaces.finished(b[0])) == (Segment(0, 4, 3),) * 2
