"""Which steps run row by row together, so that what lies between them is a ring of a few rows and never a whole tensor.

Steps that hand each row straight to the next one form a strip; what is between them is one row of scratch memory. A
segment is a run of successive strips that take turns. In one, it is always the last strip with all the rows it needs
that runs: rows are consumed as soon as they can be. `ring_capacities` plays that once and sees how many rows of every
inner buffer are alive at most.

Among all ways to cut a program into segments, `schedule` takes the one whose largest sum of live bytes is smallest, by
dynamic programming over the place of the last cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from edge_nas.codegen.program import Program, RowWindow, Step

# First strip, and the strip behind the last.
Segment = tuple[int, int]

_KEPT = 4096
"""Windows, with runs and rows, whose rows are kept: networks have few, and a search plans thousands of networks."""


@dataclass(frozen=True)
class Strip:
    """Steps first..last that run one after the other, row by row.

    Attributes:
        first, last: numbers of its steps.
        reads: storage buffers that other strips write, with the window of each run.
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
    """Strips, and the segments they run in.

    Attributes:
        strips: in execution order.
        segments: first strip and the strip behind the last, for each.
        capacities: per storage buffer, how many rows (borders included) are in memory at once.
        spans: per storage buffer, the first and the last strip while which its memory is wanted.
        largest: the segment with the most live bytes.
    """

    strips: tuple[Strip, ...]
    segments: tuple[Segment, ...]
    capacities: dict[int, int]
    spans: dict[int, tuple[int, int]]
    largest: int


@dataclass(frozen=True)
class Lifetimes:
    """Per storage buffer: the first and last strip that touches it; -1 and the number of strips for the ends."""

    first: dict[int, int]
    last: dict[int, int]

    def inside(self, index: int, segment: Segment) -> bool:
        """Whether a buffer is touched by strips of a segment alone."""
        return segment[0] <= self.first[index] and self.last[index] < segment[1]

    def alive_in(self, segment: Segment) -> Iterable[int]:
        """Yields the buffers that hold something at some moment of a segment."""
        start, stop = segment
        return (index for index, first in self.first.items() if first < stop and self.last[index] >= start)


@dataclass(frozen=True)
class _Candidate:
    """A segment with its rings, and what memory it takes."""

    segment: Segment
    rings: dict[int, int]
    live_bytes: int


@dataclass(frozen=True)
class _Cutting:
    """The best way to cut a prefix of the strips into segments.

    Attributes:
        live_bytes: of the segment that takes most.
        sharing: strips that share a segment with others; the fewer, the simpler is the code.
        last: the last segment; None for the empty prefix.
    """

    live_bytes: int
    sharing: int
    last: _Candidate | None

    @property
    def rank(self) -> tuple[int, int, int]:
        """What is compared: memory, then simplicity, then short segments at the end."""
        return self.live_bytes, self.sharing, -self.last.segment[0] if self.last else 0


def schedule(program: Program) -> Schedule:
    """Returns the best segments (see the module)."""
    strips = strips_of(program)
    lifetimes = _lifetimes(program, strips)
    best = [_Cutting(0, 0, None)]
    for stop in range(1, len(strips) + 1):
        best.append(_best_cutting(program, strips, lifetimes, best, stop))
    chosen = _segments(best)
    capacities = _capacities(program, strips, lifetimes, chosen)
    segments = tuple(candidate.segment for candidate in chosen)
    largest = max(range(len(chosen)), key=lambda number: chosen[number].live_bytes)
    return Schedule(strips, segments, capacities, _spans(strips, segments, lifetimes), largest)


def strips_of(program: Program) -> tuple[Strip, ...]:
    """Returns the steps of a program, joined where one hands each of its rows to the next and to no other."""
    readers: dict[int, int] = {}
    for step in program.steps:
        for index in {program.storage(reading.buffer) for reading in step.reads}:
            readers[index] = readers.get(index, 0) + 1
    groups: list[list[int]] = []
    for number, step in enumerate(program.steps):
        previous = program.steps[number - 1] if number else None
        if previous is not None and _hands_rows(program, previous, step, readers):
            groups[-1].append(number)
        else:
            groups.append([number])
    return tuple(_strip(program, group) for group in groups)


def ring_capacities(
    program: Program, strips: Sequence[Strip], start: int, stop: int, lifetimes: Lifetimes | None = None
) -> dict[int, int]:
    """Returns the rows that every buffer used only by the strips start..stop - 1 needs, borders included."""
    lifetimes = lifetimes or _lifetimes(program, strips)
    part = strips[start:stop]
    inner = [lifetimes.inside(strip.write, (start, stop)) for strip in part]
    # Of each row that is not there yet, the oldest one that a reader still reads then; none is older than its border.
    wanted = [
        [
            (reader, _first_rows(window, part[reader].rows, program.buffers[strip.write].top))
            for reader, window in readers_of(part, number)
        ]
        for number, strip in enumerate(part)
    ]
    runs_done = [0] * len(part)
    rings = [program.buffers[strip.write].top + 1 for strip in part]
    for number in turns_of(part):
        newest = runs_done[number]
        runs_done[number] += 1
        if not inner[number]:
            continue
        oldest = newest
        for reader, firsts in wanted[number]:
            if runs_done[reader] < len(firsts):
                oldest = min(oldest, firsts[runs_done[reader]])
        # The first row brings the border rows above with it, wanted or not.
        rings[number] = max(rings[number], newest - oldest + 1)
    capacities: dict[int, int] = {}
    for number, strip in enumerate(part):
        if inner[number]:
            capacities[strip.write] = max(capacities.get(strip.write, 0), rings[number])
    return capacities


def turns_of(part: Sequence[Strip]) -> Iterator[int]:
    """Yields the strips of a segment, by their numbers in it, in the order in which they run."""
    needs = [
        [(writer, _rows_needed(window, strip.runs, part[writer].runs)) for writer, window in writers_of(part, number)]
        for number, strip in enumerate(part)
    ]
    last_reader = [
        max((reader for reader, _ in readers_of(part, number)), default=number) for number in range(len(part))
    ]
    runs_done = [0] * len(part)
    number = len(part) - 1
    while number >= 0:
        run = runs_done[number]
        if run == part[number].runs or any(runs_done[writer] < rows[run] for writer, rows in needs[number]):
            number -= 1
            continue
        runs_done[number] += 1
        yield number
        number = last_reader[number]  # none behind it can do more than before


@lru_cache(_KEPT)
def _rows_needed(window: RowWindow, runs: int, rows: int) -> tuple[int, ...]:
    """Returns for every run how many of the rows that a window is moved over must exist before it."""
    return tuple(window.needed(run + 1, rows) for run in range(runs))


@lru_cache(_KEPT)
def _first_rows(window: RowWindow, runs: int, top: int) -> tuple[int, ...]:
    """Returns for every run the first row that it reads, at most so many above the first one."""
    return tuple(max(window.first(run), -top) for run in range(runs))


def writers_of(part: Sequence[Strip], number: int) -> list[tuple[int, RowWindow]]:
    """Returns the earlier strips of a segment that write what a strip reads, each with its window."""
    writers = []
    for index, window in part[number].reads:
        writers += [(writer, window) for writer in range(number) if part[writer].write == index]
    return writers


def readers_of(part: Sequence[Strip], number: int) -> list[tuple[int, RowWindow]]:
    """Returns the later strips of a segment that read what a strip writes, each with its window."""
    readers = []
    for reader in range(number + 1, len(part)):
        readers += [(reader, window) for index, window in part[reader].reads if index == part[number].write]
    return readers


def _hands_rows(program: Program, previous: Step, step: Step, readers: dict[int, int]) -> bool:
    """Whether a step hands each of its rows to the next step, as it comes, and to no other."""
    if previous.whole or step.whole or previous.runs != step.runs:
        return False
    index = program.storage(previous.write)
    buffer = program.buffers[index]
    windows = [reading.window for reading in step.reads if program.storage(reading.buffer) == index]
    # What is given is read from outside as well, under its own name or as a reshape of it.
    is_given = index in {program.storage(output) for output in program.outputs}
    is_inner = buffer.role == "inner" and not is_given
    private = readers.get(index) == 1 and is_inner and buffer.top + buffer.bottom == 0
    return private and windows == [RowWindow()]


def _strip(program: Program, group: Sequence[int]) -> Strip:
    """Returns the strip of successive steps."""
    steps = [program.steps[number] for number in group]
    scratch = tuple(program.storage(step.write) for step in steps[:-1])
    reads = [(program.storage(reading.buffer), reading.window) for step in steps for reading in step.reads]
    return Strip(
        first=group[0],
        last=group[-1],
        reads=tuple((index, window) for index, window in reads if index not in scratch),
        write=program.storage(steps[-1].write),
        scratch=scratch,
        rows=steps[-1].runs,
        runs=steps[-1].runs + program.buffers[steps[-1].write].bottom,
        whole=steps[-1].whole,
    )


def _lifetimes(program: Program, strips: Sequence[Strip]) -> Lifetimes:
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for index in program.inputs:
        first[program.storage(index)] = -1
        last[program.storage(index)] = 0
    for number, strip in enumerate(strips):
        for index in (*(index for index, _ in strip.reads), strip.write):
            first.setdefault(index, number)
            last[index] = number
    for index in program.outputs:
        last[program.storage(index)] = len(strips)
    for index in program.states:
        first[index], last[index] = -1, len(strips)
    return Lifetimes(first, last)


def _best_cutting(
    program: Program, strips: Sequence[Strip], lifetimes: Lifetimes, best: Sequence[_Cutting], stop: int
) -> _Cutting:
    """Returns the best way to cut the strips before `stop`, given the best for every shorter prefix."""
    cuttings: list[_Cutting] = []
    for start in range(stop - 1, -1, -1):
        segment = (start, stop)
        shared = stop - start > 1
        if shared and (strips[start].whole or strips[stop - 1].whole):
            break  # no longer segment can be allowed either
        least = min((each.live_bytes for each in cuttings), default=None)
        # What a segment has in common with others lies there whole: where that alone is too much, or the segments
        # before it take too much, no ring helps.
        if least is not None and max(best[start].live_bytes, _crossing_bytes(program, lifetimes, segment)) > least:
            continue
        rings = ring_capacities(program, strips, start, stop, lifetimes) if shared else {}
        candidate = _Candidate(segment, rings, _live_bytes(program, strips, lifetimes, segment, rings))
        before = best[start]
        sharing = before.sharing + (stop - start if shared else 0)
        cuttings.append(_Cutting(max(before.live_bytes, candidate.live_bytes), sharing, candidate))
    return min(cuttings, key=lambda cutting: cutting.rank)


def _crossing_bytes(program: Program, lifetimes: Lifetimes, segment: Segment) -> int:
    """Returns the bytes of the buffers that a segment shares with others: it cannot do with less."""
    crossing = (index for index in lifetimes.alive_in(segment) if not lifetimes.inside(index, segment))
    return sum(program.buffers[index].size_bytes for index in crossing)


def _live_bytes(
    program: Program, strips: Sequence[Strip], lifetimes: Lifetimes, segment: Segment, rings: dict[int, int]
) -> int:
    """Returns the bytes of all that is alive while a segment runs, with the scratch rows of one strip at a time."""
    total = 0
    for index in lifetimes.alive_in(segment):
        buffer = program.buffers[index]
        total += rings[index] * buffer.layout.row_bytes if index in rings else buffer.size_bytes
    scratch = [
        sum(program.buffers[index].layout.row_bytes for index in strip.scratch) for strip in strips[slice(*segment)]
    ]
    return total + max(scratch)


def _segments(best: Sequence[_Cutting]) -> list[_Candidate]:
    """Returns the segments of the best cutting of the whole program, in order."""
    segments: list[_Candidate] = []
    cutting = best[-1]
    while cutting.last is not None:
        segments.insert(0, cutting.last)
        cutting = best[cutting.last.segment[0]]
    return segments


def _capacities(
    program: Program, strips: Sequence[Strip], lifetimes: Lifetimes, segments: Sequence[_Candidate]
) -> dict[int, int]:
    """Returns the rows in memory of every buffer: rings, one row of scratch, all rows of the others."""
    capacities: dict[int, int] = {}
    for candidate in segments:
        capacities |= candidate.rings
    for strip in strips:
        capacities |= dict.fromkeys(strip.scratch, 1)
    for index in lifetimes.first:
        buffer = program.buffers[index]
        capacities.setdefault(index, buffer.rows + buffer.top + buffer.bottom)
    return capacities


def _spans(strips: Sequence[Strip], segments: Sequence[Segment], lifetimes: Lifetimes) -> dict[int, tuple[int, int]]:
    """Returns when memory is wanted: what is not scratch, from the first strip of its segments to the last."""
    segment_of = {strip: segment for segment in segments for strip in range(*segment)}
    spans = {}
    for index, first in lifetimes.first.items():
        start, _ = segment_of[max(first, 0)]
        _, stop = segment_of[min(lifetimes.last[index], len(strips) - 1)]
        spans[index] = (start, stop - 1)
    for number, strip in enumerate(strips):
        spans |= dict.fromkeys(strip.scratch, (number, number))
    return spans
