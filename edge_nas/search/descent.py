"""From the best networks of a search down its ladder: narrowed ones, in two rounds, at a limit with two seeds.

upper half   trained networks, each to a goal; at a limit, all to that
again        at a limit: the better half of those with another seed, and the start network with the best mean stays
lower half   what there is by now, but for what the second seed spoke against, to the goals below
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from edge_nas.search.coordinator import Coordinator, Work
from edge_nas.search.finalist import Doubt, Finalist
from edge_nas.search.ladder import Start, Target, ladder, parts, targets
from edge_nas.search.narrowing import Narrowing, NarrowResult, failed_narrow


@dataclass(frozen=True)
class Made:
    """A narrowing that was asked for, and what came of it."""

    target: Target
    finalist: Finalist


@dataclass(frozen=True)
class Descent:
    """Who narrows networks of a search, and who is told.

    Attributes:
        narrowing: how each is narrowed.
        coordinator: runs the narrowings.
        data_sha256: of the data set.
        told: that so many of so many narrowings are over.
        went_before: that so many were over before the search went on.
        note: is given what came to nothing, in words.
    """

    narrowing: Narrowing
    coordinator: Coordinator
    data_sha256: str
    told: Callable[[int, int], object]
    went_before: Callable[[int], object]
    note: Callable[[str], object]

    def __call__(
        self,
        trained: Sequence[Finalist],
        core: str,
        rooms: Mapping[str, float],
        structures: Mapping[str, str],
        count: int,
    ) -> tuple[Finalist, ...]:
        """Returns up to so many networks that are made of trained ones, or of each other.

        Args:
            trained: networks, the best first.
            core: whose instructions are meant; networks of which those are not known are left out.
            rooms: by key, by which factor the instructions may grow until a limit of a board with this core is met.
            structures: by the key of a candidate, what it is beside its widths.
            count: of narrowings.
        """
        known = [each for each in trained if core in each.predicted]
        if not known or count == 0:
            return ()
        begin = _starts(known, core, rooms, structures)
        planned = parts(begin[0], count)
        first = targets(ladder(begin[0], planned.upper, planned.lower)[: planned.upper], begin)
        rounds = _Rounds(self, core, count)
        upper = rounds.made(known, first, begun=0)
        better = sorted(upper, key=lambda each: -each.finalist.score)[: planned.again]
        twice = [each.target for each in better] if len(better) > 1 else []  # one is compared with nobody
        second = rounds.made(known, twice, begun=len(first), again=1)
        doubts = _doubts(upper, second)
        narrowed = [replace(each.finalist, doubt=doubts.get(each.finalist.key)) for each in (*upper, *second)]
        doubted = {each.target.start for each in second if each.finalist.key in doubts}
        sure = [each for each in (*known, *narrowed) if each.doubt is None and each.key not in doubted]
        # At a limit, what could not be asked is asked for below it.
        left = count - len(first) - len(twice) if begin[0].room < 1.0 else planned.lower
        below = ladder(begin[0], planned.upper, left)[planned.upper :]
        last = targets(below, _starts(sure, core, rooms, structures), first)
        lower = rounds.made(sure, last, begun=len(first) + len(twice))
        return (*narrowed, *(each.finalist for each in lower))


def _starts(
    finalists: Sequence[Finalist], core: str, rooms: Mapping[str, float], structures: Mapping[str, str]
) -> list[Start]:
    """Returns networks as those to narrow; what was narrowed keeps the limits, and is not to grow."""
    return [
        Start(
            each.key,
            each.score,
            each.predicted[core].instructions,
            rooms.get(each.key, 1.0),
            structures.get(each.candidate, ""),
        )
        for each in finalists
    ]


def _doubts(upper: Sequence[Made], second: Sequence[Made]) -> dict[str, Doubt]:
    """Returns doubts of what was asked for twice, by key: of all but what has the best mean."""
    ones = {each.target: each.finalist for each in upper}
    pairs = [(ones[each.target], each.finalist) for each in second]
    means = [(one.score + other.score) / 2 for one, other in pairs]
    best = max(means, default=0.0)
    chosen = tuple(each.key for pair, mean in zip(pairs, means, strict=True) if mean == best for each in pair)
    doubts: dict[str, Doubt] = {}
    for pair, mean in zip(pairs, means, strict=True):
        if mean < best:
            told = " and ".join(f"{each.score:.4f}" for each in pair)
            why = f"narrowed twice it has {told}, {mean:.4f} in the mean; another network has {best:.4f}"
            doubts |= {each.key: Doubt(why, chosen) for each in pair}
    return doubts


@dataclass(frozen=True)
class _Rounds:
    """The narrowings of a descent on a core, of which there are so many in all."""

    descent: Descent
    core: str
    count: int

    def made(self, of: Sequence[Finalist], asked: Sequence[Target], *, begun: int, again: int = 0) -> list[Made]:
        """Returns what narrowings come to; those that come to nothing are told, and left out.

        Args:
            of: the start networks.
            asked: for.
            begun: how many there were before.
            again: by how much the seed is further on.
        """
        descent, core = self.descent, self.core
        seed = ", with another seed" if again else ""
        starts = {each.key: each for each in of}
        jobs = [
            descent.narrowing.narrow(
                descent.data_sha256, starts[each.start].weights_sha256, each.instructions, core, again=again
            )
            for each in asked
        ]

        descent.went_before(descent.coordinator.went_before(jobs))

        def told(done: int, total: int, latest: NarrowResult) -> None:
            del total, latest
            descent.told(begun + done, self.count)

        work = Work("narrow", descent.narrowing, NarrowResult.from_data, failed_narrow)
        made: list[Made] = []
        for target, result in zip(asked, descent.coordinator.work(jobs, work, told), strict=True):
            if result.score is None or result.weights_sha256 is None or result.predicted is None:
                descent.note(f"a narrowing to {target.instructions:,} instructions came to nothing: {result.reason}")
                continue
            start = starts[target.start]
            finalist = Finalist(
                key=result.key,
                described=f"{start.described}; narrowed to {target.instructions:,} instructions on {core}{seed}",
                epochs=descent.narrowing.prune.fine_tune.epochs,
                score=result.score,
                weights_sha256=result.weights_sha256,
                predicted={core: result.predicted},
                candidate=start.candidate,
                narrowings=(*start.narrowings, (core, target.instructions)),
            )
            made.append(Made(target, finalist))
        return made
