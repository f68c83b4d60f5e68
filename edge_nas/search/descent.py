"""From the best networks of a search down its ladder: narrowed ones, in two rounds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from edge_nas.search.coordinator import Coordinator, Work
from edge_nas.search.finalist import Finalist
from edge_nas.search.ladder import Start, Target, ladder, targets, upper_half
from edge_nas.search.narrowing import Narrowing, NarrowResult, failed_narrow


@dataclass(frozen=True)
class Descent:
    """Who narrows networks of a search, and who is told.

    Attributes:
        narrowing: how each is narrowed.
        coordinator: runs the narrowings.
        data_sha256: of the data set.
        told: that so many of so many narrowings are over.
        note: is given what came to nothing, in words.
    """

    narrowing: Narrowing
    coordinator: Coordinator
    data_sha256: str
    told: Callable[[int, int], object]
    note: Callable[[str], object]

    def __call__(self, trained: Sequence[Finalist], rooms: Mapping[str, float], count: int) -> tuple[Finalist, ...]:
        """Returns up to so many networks that are made of trained ones, or of each other.

        Args:
            trained: networks, the best first.
            rooms: by key, by which factor the instructions may grow until a limit is met.
            count: of narrowings.
        """
        known = [each for each in trained if each.predicted]
        if not known or count == 0:
            return ()
        core = next(iter(known[0].predicted))
        known = [each for each in known if core in each.predicted]
        goals = ladder(_start(known[0], core, rooms), count)
        upper = upper_half(count)
        narrowed: list[Finalist] = []
        taken: list[Target] = []
        for half in (goals[:upper], goals[upper:]):
            by_key = {each.key: each for each in [*known, *narrowed]}
            asked = targets(half, [_start(each, core, rooms) for each in by_key.values()], taken)
            narrowed += self._made(by_key, asked, core, len(taken), count)
            taken += asked
        return tuple(narrowed)

    def _made(
        self, starts: Mapping[str, Finalist], asked: Sequence[Target], core: str, begun: int, count: int
    ) -> list[Finalist]:
        """Returns what narrowings come to, after so many others of all; who came to nothing is told, and left out."""
        jobs = [
            self.narrowing.narrow(self.data_sha256, starts[each.start].weights_sha256, each.instructions, core)
            for each in asked
        ]

        def told(done: int, total: int, latest: NarrowResult) -> None:
            del total, latest
            self.told(begun + done, count)

        work = Work("narrow", self.narrowing, NarrowResult.from_data, failed_narrow)
        made: list[Finalist] = []
        for target, result in zip(asked, self.coordinator.work(jobs, work, told), strict=True):
            if result.score is None or result.weights_sha256 is None or result.predicted is None:
                self.note(f"a narrowing to {target.instructions:,} instructions came to nothing: {result.reason}")
                continue
            start = starts[target.start]
            made.append(
                Finalist(
                    key=result.key,
                    described=f"{start.described}; narrowed to {target.instructions:,} instructions on {core}",
                    epochs=self.narrowing.prune.fine_tune.epochs,
                    score=result.score,
                    weights_sha256=result.weights_sha256,
                    predicted={core: result.predicted},
                    candidate=start.candidate,
                    narrowings=(*start.narrowings, (core, target.instructions)),
                )
            )
        return made


def _start(each: Finalist, core: str, rooms: Mapping[str, float]) -> Start:
    """Returns a network as one to narrow; what was narrowed keeps the limits, and is not to grow."""
    return Start(each.key, each.score, each.predicted[core].instructions, rooms.get(each.key, 1.0))
