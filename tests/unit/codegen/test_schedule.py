"""Segments: rings hold exactly what readers still want, and the cut with the least live bytes is taken."""

import random

import pytest

from edge_nas.codegen.program import Buffer, Kernel, Layout, Program, Reading, RowWindow, Step
from edge_nas.codegen.schedule import Strip, ring_capacities, schedule, strips_of, turns_of, writers_of


def chain(*windows: RowWindow, rows: tuple[int, ...], borders: tuple[tuple[int, int], ...] = ()) -> Program:
    """A program of one step per window; buffer i + 1 is written by step i and has rows[i + 1] rows of 10 bytes."""
    last = len(rows) - 1
    buffers = tuple(
        Buffer(
            index,
            f"t{index}",
            Layout("flat", 10, 1),
            count,
            *(borders[index] if borders else (0, 0)),
            role="input" if index == 0 else "output" if index == last else "inner",
        )
        for index, count in enumerate(rows)
    )
    steps = tuple(
        Step(f"s{i}", (i,), (i,), (Reading(i, window),), i + 1, rows[i + 1], window.whole, Kernel("lookup"), {})
        for i, window in enumerate(windows)
    )
    return Program(buffers, steps, (0,), (last,))


def test_three_taps_need_a_ring_of_three_rows():
    program = chain(RowWindow(), RowWindow(1, 1, -1, 3), rows=(9, 9, 9), borders=((0, 0), (1, 0), (0, 0)))
    strips = strips_of(program)
    assert len(strips) == 2
    assert ring_capacities(program, strips, 0, 2) == {1: 3}


def test_the_border_below_is_filled_when_it_is_wanted_and_takes_no_row_more():
    program = chain(RowWindow(), RowWindow(1, 1, -1, 3), rows=(9, 9, 9), borders=((0, 0), (1, 1), (0, 0)))
    strips = strips_of(program)
    assert [(strip.rows, strip.runs) for strip in strips] == [(9, 10), (9, 9)]
    assert ring_capacities(program, strips, 0, 2) == {1: 3}


def test_the_border_above_has_its_place_even_if_nobody_reads_it():
    program = chain(RowWindow(), RowWindow(), rows=(9, 9, 9), borders=((0, 0), (1, 0), (0, 0)))
    assert ring_capacities(program, strips_of(program), 0, 2) == {1: 2}


def test_a_pooling_needs_the_rows_of_its_window():
    program = chain(RowWindow(), RowWindow(2, 1, 0, 2), rows=(8, 8, 4))
    assert ring_capacities(program, strips_of(program), 0, 2) == {1: 2}


def test_an_upsampling_needs_one_row():
    program = chain(RowWindow(), RowWindow(1, 3, 0, 1), rows=(4, 4, 12))
    assert ring_capacities(program, strips_of(program), 0, 2) == {1: 1}


def test_rows_handed_straight_on_make_one_strip_with_one_row_of_scratch():
    program = chain(RowWindow(1, 1, -1, 3), RowWindow(), rows=(9, 9, 9))
    (strip,) = strips_of(program)
    assert (strip.first, strip.last, strip.scratch) == (0, 1, (1,))
    assert schedule(program).capacities[1] == 1


def test_streaming_is_chosen_where_it_saves_memory():
    windows = (RowWindow(1, 7, 0, 1), RowWindow(1, 1, -1, 3), RowWindow(7, 1, 0, 7))
    borders = ((0, 0), (1, 1), (0, 0), (0, 0))
    found = schedule(chain(*windows, rows=(3, 21, 21, 3), borders=borders))
    assert found.segments == ((0, 3),)
    assert found.capacities == {0: 3, 1: 3, 2: 7, 3: 3}


def test_streaming_is_left_where_it_saves_nothing():
    found = schedule(chain(RowWindow(), RowWindow(1, 1, 0, 1), RowWindow(whole=True), rows=(4, 4, 4, 4)))
    assert found.segments == ((0, 1), (1, 2))


def test_a_step_that_wants_everything_stays_alone():
    program = chain(RowWindow(1, 1, -1, 3), RowWindow(whole=True), rows=(9, 9, 9))
    found = schedule(program)
    assert found.segments == ((0, 1), (1, 2))
    assert found.capacities[1] == 9
    assert found.spans == {0: (0, 0), 1: (0, 1), 2: (1, 1)}


def test_a_skip_is_kept_for_as_long_as_its_lag():
    windows = (RowWindow(), RowWindow(1, 1, -1, 3), RowWindow(1, 1, -1, 3))
    program = chain(*windows, rows=(9, 9, 9, 9), borders=((0, 0), (1, 1), (1, 1), (0, 0)))
    skip = Step("sum", (3,), (3,), (Reading(3), Reading(1)), 4, 9, False, Kernel("lookup"), {})
    buffers = (
        *(
            Buffer(b.index, b.name, b.layout, b.rows, b.top, b.bottom, "inner" if b.index else "input")
            for b in program.buffers
        ),
        Buffer(4, "t4", Layout("flat", 10, 1), 9, role="output"),
    )
    program = Program(buffers, (*program.steps, skip), (0,), (4,))
    capacities = ring_capacities(program, strips_of(program), 0, len(strips_of(program)))
    assert capacities[2] == 3
    assert capacities[1] == 3  # two rows ahead of the one that is added


def _random_strips(generator: random.Random) -> list[Strip]:
    """Strips of which each reads what one or two before it write."""
    strips: list[Strip] = []
    for number in range(generator.randint(2, 6)):
        before = generator.sample(range(number), min(number, generator.randint(1, 2)))
        windows = [
            RowWindow(
                generator.choice((1, 2)), generator.choice((1, 2)), generator.randint(-2, 1), generator.randint(1, 4)
            )
            for _ in before
        ]
        rows = generator.randint(1, 9)
        reads = tuple((number, window) for number, window in zip(before, windows, strict=True))
        strips.append(Strip(number, number, reads, number, (), rows, rows + generator.randint(0, 1), False))
    return strips


@pytest.mark.parametrize("seed", range(40))
def test_it_is_always_the_last_strip_with_all_its_rows_that_runs(seed: int) -> None:
    strips = _random_strips(random.Random(seed))
    done = [0] * len(strips)
    expected = []
    while ready := [
        number
        for number, strip in enumerate(strips)
        if done[number] < strip.runs
        and all(
            done[writer] >= window.needed(done[number] + 1, strips[writer].runs)
            for writer, window in writers_of(strips, number)
        )
    ]:
        expected.append(ready[-1])
        done[ready[-1]] += 1
    assert list(turns_of(strips)) == expected
    assert done == [strip.runs for strip in strips]
