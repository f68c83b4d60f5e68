"""Which steps run row by row together, so that what lies between them is a ring of a few rows and never a whole tensor.

Steps that hand each row straight to the next one form a unit; what is between them is one row of scratch memory. A
segment is a run of successive units. Inside one, it is always the last unit with all the rows it needs that runs: rows
are consumed as soon as they can be. `ring_capacities` plays that once and sees how many rows of every inner buffer are
alive at most. Among all ways to cut a program into segments, `schedule` takes the one whose largest sum of live bytes
is smallest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_nas.codegen.program import Program, RowWindow


@dataclass(frozen=True)
class Unit:
    """Steps first..last that run one after the other, row by row.

    Attributes:
        reads: storage buffers that other units write, with the window of each run.
        write: the storage buffer of the last step.
        scratch: those between the steps, one row each.
        rows: how often its steps run.
        runs: with one more run for every border row below, which is filled when it is first needed.
        whole: its runs belong together; it cannot share a segment.
    """

    first: int
    last: int
    reads: tuple[tuple[int, RowWindow], ...]
    write: int
    scratch: tuple[int, ...]
    rows: int
    runs: int
    whole: bool


@dataclass(frozen=True)
class Schedule:
    """Units, and the segments they run in.

    Attributes:
        units: in execution order.
        segments: first unit and the unit behind the last, for each.
        capacities: per storage buffer, how many rows (borders included) are in memory at once.
        spans: per storage buffer, the first and the last unit while which its memory is wanted.
        largest: the segment with the most live bytes.
    """

    units: tuple[Unit, ...]
    segments: tuple[tuple[int, int], ...]
    capacities: dict[int, int]
    spans: dict[int, tuple[int, int]]
    largest: int


@dataclass(frozen=True)
class Lifetimes:
    """Per storage buffer: the first and last unit that touches it; -1 and the number of units for the ends."""

    first: dict[int, int]
    last: dict[int, int]


@dataclass(frozen=True)
class _Choice:
    """The best way to cut a prefix of the units: largest live bytes, units that share segments, the last cut."""

    live_bytes: int
    shared: int
    start: int


def schedule(program: Program) -> Schedule:
    """Returns the best segments (see the module)."""
    units = units_of(program)
    lifetimes = _lifetimes(program, units)
    best = [_Choice(0, 0, 0)]
    live: dict[tuple[int, int], int] = {}
    rings: dict[tuple[int, int], dict[int, int]] = {}
    for stop in range(1, len(units) + 1):
        choices: list[_Choice] = []
        for start in range(stop - 1, -1, -1):
            several = stop - start > 1
            if several and (units[start].whole or units[stop - 1].whole):
                break
            key = (start, stop)
            if choices and _crossing_bytes(program, lifetimes, start, stop) > min(choices, key=_rank).live_bytes:
                continue
            rings[key] = ring_capacities(program, units, start, stop, lifetimes) if several else {}
            live[key] = _live_bytes(program, units, lifetimes, key, rings[key])
            before = best[start]
            choices.append(_Choice(max(before.live_bytes, live[key]), before.shared + (stop - start) * several, start))
        best.append(min(choices, key=_rank))
    segments = _cuts(best)
    capacities = {index: rows for segment in segments for index, rows in rings[segment].items()}
    capacities |= {index: 1 for unit in units for index in unit.scratch}
    for index in lifetimes.first:
        buffer = program.buffers[index]
        capacities.setdefault(index, buffer.rows + buffer.top + buffer.bottom)
    largest = max(range(len(segments)), key=lambda number: live[segments[number]])
    return Schedule(units, segments, capacities, _spans(units, segments, lifetimes), largest)


def _rank(choice: _Choice) -> tuple[int, int, int]:
    return choice.live_bytes, choice.shared, -choice.start


def _crossing_bytes(program: Program, lifetimes: Lifetimes, start: int, stop: int) -> int:
    """Returns the bytes of the buffers that a segment shares with others: it cannot do with less."""
    return sum(
        program.buffers[index].size_bytes
        for index, first in lifetimes.first.items()
        if first < stop and lifetimes.last[index] >= start and not start <= first <= lifetimes.last[index] < stop
    )


def units_of(program: Program) -> tuple[Unit, ...]:
    """Returns the steps of a program, joined where one hands each of its rows to the next and to no other."""
    readers: dict[int, int] = {}
    for step in program.steps:
        for index in {program.storage(reading.buffer) for reading in step.reads}:
            readers[index] = readers.get(index, 0) + 1
    groups: list[list[int]] = []
    for number, step in enumerate(program.steps):
        previous = program.steps[number - 1] if number else None
        if previous is not None and not previous.whole and not step.whole and previous.runs == step.runs:
            handed = program.storage(previous.write)
            windows = [reading.window for reading in step.reads if program.storage(reading.buffer) == handed]
            buffer = program.buffers[handed]
            private = readers.get(handed) == 1 and buffer.role == "inner" and not buffer.top + buffer.bottom
            if windows == [RowWindow()] and private:
                groups[-1].append(number)
                continue
        groups.append([number])
    return tuple(_unit(program, group) for group in groups)


def ring_capacities(
    program: Program, units: Sequence[Unit], start: int, stop: int, lifetimes: Lifetimes | None = None
) -> dict[int, int]:
    """Returns the rows that every buffer used only by the units start..stop - 1 needs, borders included."""
    lifetimes = lifetimes or _lifetimes(program, units)
    part = units[start:stop]
    sources = [sources_of(part, number) for number in range(len(part))]
    readers = [readers_of(part, number) for number in range(len(part))]
    inner = [start <= lifetimes.first[unit.write] and lifetimes.last[unit.write] < stop for unit in part]
    done = [0] * len(part)
    capacities: dict[int, int] = {}
    number = _next_unit(part, sources, done)
    while number >= 0:
        done[number] += 1
        if inner[number]:
            top = program.buffers[part[number].write].top
            wanted = [
                max(window.first(done[reader]), -top)
                for reader, window in readers[number]
                if done[reader] < part[reader].rows
            ]
            newest = done[number] - 1
            rows = newest - min(wanted, default=newest) + 1
            # The first row brings the border rows above with it, wanted or not.
            capacities[part[number].write] = max(capacities.get(part[number].write, top + 1), rows)
        number = _next_unit(part, sources, done)
    return capacities


def sources_of(part: Sequence[Unit], number: int) -> list[tuple[int, RowWindow]]:
    """Returns the earlier units of a segment that write what a unit reads, each with its window."""
    return [
        (source, window)
        for index, window in part[number].reads
        for source in range(number)
        if part[source].write == index
    ]


def readers_of(part: Sequence[Unit], number: int) -> list[tuple[int, RowWindow]]:
    """Returns the later units of a segment that read what a unit writes, each with its window."""
    return [
        (reader, window)
        for reader in range(number + 1, len(part))
        for index, window in part[reader].reads
        if index == part[number].write
    ]


def _next_unit(part: Sequence[Unit], sources: Sequence[Sequence[tuple[int, RowWindow]]], done: Sequence[int]) -> int:
    """Returns the last unit that is not through and whose rows are there; -1 when all are through."""
    for number in range(len(part) - 1, -1, -1):
        run = done[number]
        if run < part[number].runs and all(
            done[source] >= window.needed(run + 1, part[source].runs) for source, window in sources[number]
        ):
            return number
    return -1


def _unit(program: Program, group: Sequence[int]) -> Unit:
    steps = [program.steps[number] for number in group]
    scratch = tuple(program.storage(step.write) for step in steps[:-1])
    reads = [(program.storage(reading.buffer), reading.window) for step in steps for reading in step.reads]
    return Unit(
        first=group[0],
        last=group[-1],
        reads=tuple((index, window) for index, window in reads if index not in scratch),
        write=program.storage(steps[-1].write),
        scratch=scratch,
        rows=steps[-1].runs,
        runs=steps[-1].runs + program.buffers[steps[-1].write].bottom,
        whole=steps[-1].whole,
    )


def _live_bytes(
    program: Program, units: Sequence[Unit], lifetimes: Lifetimes, segment: tuple[int, int], rings: dict[int, int]
) -> int:
    start, stop = segment
    total = 0
    for index, first in lifetimes.first.items():
        if first < stop and lifetimes.last[index] >= start:
            buffer = program.buffers[index]
            total += rings[index] * buffer.layout.row_bytes if index in rings else buffer.size_bytes
    scratch = [sum(program.buffers[index].layout.row_bytes for index in unit.scratch) for unit in units[start:stop]]
    return total + max(scratch)


def _lifetimes(program: Program, units: Sequence[Unit]) -> Lifetimes:
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for index in program.inputs:
        first[program.storage(index)] = -1
        last[program.storage(index)] = 0
    for number, unit in enumerate(units):
        for index in (*(index for index, _ in unit.reads), unit.write):
            first.setdefault(index, number)
            last[index] = number
    for index in program.outputs:
        last[program.storage(index)] = len(units)
    return Lifetimes(first, last)


def _spans(
    units: Sequence[Unit], segments: Sequence[tuple[int, int]], lifetimes: Lifetimes
) -> dict[int, tuple[int, int]]:
    """Returns when memory is wanted: what is not scratch, from the first unit of its segments to the last."""
    segment_of = {unit: segment for segment in segments for unit in range(*segment)}
    spans = {}
    for index, first in lifetimes.first.items():
        start, stop = segment_of[max(first, 0)], segment_of[min(lifetimes.last[index], len(units) - 1)]
        spans[index] = (start[0], stop[1] - 1)
    spans |= {index: (number, number) for number, unit in enumerate(units) for index in unit.scratch}
    return spans


def _cuts(best: Sequence[_Choice]) -> tuple[tuple[int, int], ...]:
    """Returns the segments behind the best choice for the whole program."""
    found = []
    stop = len(best) - 1
    while stop > 0:
        found.append((best[stop].start, stop))
        stop = best[stop].start
    return tuple(reversed(found))
