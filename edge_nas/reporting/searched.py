"""The report of a search: its fronts, what was tried and thrown out, and how far predictions and short trainings went.

One HTML file that opens offline, as the report of a build is: `render_search(story, front)`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from edge_nas.reporting.charts import Chart, description
from edge_nas.reporting.figure import COLOURS, chart
from edge_nas.reporting.formats import count, kibibytes, score
from edge_nas.reporting.page import environment
from edge_nas.results.front import Front, FrontNetwork
from edge_nas.results.search import BoardStory, Figures, FinalStory, SearchStory

_TEMPLATE = "search.html.j2"
_WIDTH, _HEIGHT = 230.0, 160.0
"""Three plots of a board stand beside each other."""
_ID_WIDTH, _ID_HEIGHT = 13.0, 9.0
"""What an id takes in a plot, with the space around it."""
_IN_VIEW = 1.25
"""Of a limit, or of the front where that is wider, what is in view: a network that takes five times as much as is
allowed would leave the front in a corner."""
_AXES = (
    ("instructions", "instructions, millions", 1e6),
    ("flash_bytes", "flash, KiB", 1024.0),
    ("ram_bytes", "RAM, KiB", 1024.0),
)
"""The costs: field, axis in words, unit."""


_Point = tuple[float, float, int]
"""A cost, a score in points, an id."""


@dataclass(frozen=True)
class BoardSection:
    """A board: its networks, its plots, what was thrown out and why, each with a count."""

    story: BoardStory
    networks: tuple[FrontNetwork, ...]
    charts: tuple[Chart, ...]
    thrown_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CostRow:
    """A finished network on a core: predicted and counted costs, and by what share the prediction is off."""

    network: str
    core: str
    predicted: Figures
    counted: Figures

    @property
    def errors(self) -> tuple[float, ...]:
        """(predicted − counted) / counted, of each cost."""
        return tuple(
            (getattr(self.predicted, field) - getattr(self.counted, field)) / max(1, getattr(self.counted, field))
            for field, _, _ in _AXES
        )


@dataclass(frozen=True)
class Tile:
    """One figure to see first, and what it is."""

    name: str
    value: str
    note: str


def render_search(story: SearchStory, front: Front) -> str:
    """Returns the page of a search.

    Args:
        story: of the search.
        front: the networks of its boards.
    """
    return (
        environment()
        .get_template(_TEMPLATE)
        .render(
            story=story,
            tiles=tuple(_tiles(story, front)),
            boards=tuple(_board(story, front, board) for board in story.boards),
            rungs=_rung_chart(story),
            costs=tuple(_costs(story)),
        )
    )


def _tiles(story: SearchStory, front: Front) -> Iterator[Tile]:
    best = max((network for network in front.networks), key=lambda network: network.score, default=None)
    if len(story.boards) == 1:
        yield Tile("Networks on the front", str(len(front.networks)), f"of {len(story.finals)} finished")
    else:  # one network may be on each of them
        note = f"of {len(story.finals)} finished networks, {len(story.boards)} boards"
        yield Tile("Entries of all fronts", str(len(front.networks)), note)
    if best is not None:
        yield Tile(f"Best {story.heading} on val, int8", score(best.score), f"network {best.id}, {best.board}")
        yield Tile("Its instructions", count(best.instructions), f"flash {kibibytes(best.flash_bytes)}")
    drawn = sum(draws.drawn for board in story.boards for draws in board.draws)
    yield Tile("Candidates costed", f"{drawn:,}", "before anything was trained")
    trainings = sum(len(rung.trainings) for rung in story.rungs)
    epochs = sum(rung.epochs * len(rung.trainings) for rung in story.rungs)
    yield Tile("Trainings", str(trainings), f"{epochs:,} epochs together")


def _board(story: SearchStory, front: Front, board: BoardStory) -> BoardSection:
    networks = tuple(network for network in front.networks if network.board == board.board)
    placed = [placement for placement in story.placements if placement.board == board.board]
    thrown_out = [
        (story.candidate(story.finals[placement.final].candidate).described, placement.why_not)
        for placement in placed
        if placement.why_not is not None
    ]
    charts = tuple(_pareto_chart(story, networks, board, axis) for axis in _AXES) if networks else ()
    return BoardSection(board, networks, charts, tuple(thrown_out))


def _pareto_chart(
    story: SearchStory, networks: Sequence[FrontNetwork], board: BoardStory, axis: tuple[str, str, float]
) -> Chart:
    """Returns the score against a cost: the front, the other finished networks, and the limit."""
    field, words, unit = axis
    front = sorted((getattr(network, field) / unit, 100 * network.score, network.id) for network in networks)
    others = [
        (getattr(final.counted[board.core], field) / unit, 100 * final.score)
        for final in _not_on_front(story, board)
        if final.score is not None and board.core in final.counted
    ]
    limit = next((limit.most / unit for limit in board.limits if limit.axis == field), float("inf"))
    view = _IN_VIEW * max(limit, front[-1][0])
    seen = [(x, y) for x, y in others if x <= view]
    # A limit far off, such as a board's whole flash, would leave the networks in a corner as well.
    is_near = limit <= 1.5 * max(x for x, *_ in [*front, *seen])

    def paint(axes: Any) -> None:
        axes.plot([x for x, _ in seen], [y for _, y in seen], "o", color=COLOURS["faint"], markersize=4)
        axes.plot([x for x, _, _ in front], [y for _, y, _ in front], "o", color=COLOURS["blue"], markersize=4.5)
        if is_near:
            axes.axvline(limit, color=COLOURS["orange"], linewidth=0.9)
        # Before the left end is set, which ends the scaling of this axis.
        axes.margins(x=0.12, y=0.12)
        axes.set_xlim(left=0)
        for x, y, number in _apart(front, axes):
            axes.annotate(str(number), (x, y), xytext=(3, 3), textcoords="offset points", color=COLOURS["muted"])
        axes.set_xlabel(words)
        axes.set_ylabel(f"{story.heading}, points")
        axes.xaxis.get_major_locator().set_params(nbins=5)

    caption = f"{story.heading} on val against {words}, {board.board}"
    if len(seen) < len(others):
        caption += f"; {len(others) - len(seen)} farther to the right"
    text = description(caption, [f"network {number} {y:.1f} at {x:.3g}" for x, y, number in front])
    keys = [("blue", "on the front, with its id"), ("faint", "finished, not on the front")]
    if is_near:
        keys.append(("orange", "limit"))
    return Chart(chart(f"front-{board.board}-{field}", _HEIGHT, text, paint, _WIDTH), caption, tuple(keys))


def _apart(points: Sequence[_Point], axes: Any) -> Iterator[_Point]:
    """Yields those points whose ids can be read beside each other, the best first; the table has all of them."""
    width, height = (abs(end - start) for start, end in (axes.get_xlim(), axes.get_ylim()))
    written: list[tuple[float, float]] = []
    for x, y, number in sorted(points, key=lambda point: -point[1]):
        place = _WIDTH * x / width, _HEIGHT * y / height
        if all(abs(place[0] - left) > _ID_WIDTH or abs(place[1] - up) > _ID_HEIGHT for left, up in written):
            written.append(place)
            yield x, y, number


def _not_on_front(story: SearchStory, board: BoardStory) -> Iterator[FinalStory]:
    for placement in story.placements:
        if placement.board == board.board and placement.id is None:
            yield story.finals[placement.final]


def _rung_chart(story: SearchStory) -> Chart:
    """Returns the scores of all trainings, by epochs, those of one candidate joined."""
    lines: dict[str, list[tuple[int, float]]] = {}
    for rung in story.rungs:
        for training in rung.trainings:
            if training.score is not None:
                lines.setdefault(training.candidate, []).append((rung.epochs, 100 * training.score))
    finished = {final.candidate for final in story.finals if final.score is not None}
    narrowed = {story.candidate(key).made_of for key in finished}

    def colour(candidate: str) -> str:
        return "blue" if candidate in finished else "orange" if candidate in narrowed else "faint"

    def paint(axes: Any) -> None:
        for candidate, points in lines.items():
            places, values = zip(*points, strict=True)
            axes.plot(places, values, color=COLOURS[colour(candidate)], marker="o", linewidth=1.0)
        axes.set_xscale("log")
        axes.set_xticks([rung.epochs for rung in story.rungs], [str(rung.epochs) for rung in story.rungs])
        axes.minorticks_off()
        axes.set_xlabel("epochs of the training")
        axes.set_ylabel(f"{story.heading}, points")

    caption = f"{story.heading} on val of every training, float"
    parts = [f"{rung.epochs} epochs: {len(rung.trainings)} trainings" for rung in story.rungs]
    said = {"blue": "was finished", "orange": "was narrowed, and that finished", "faint": "was thrown out"}
    there = {colour(candidate) for candidate in lines}
    keys = tuple((name, text) for name, text in said.items() if name in there)
    return Chart(chart("rungs", _HEIGHT, description(caption, parts), paint, _WIDTH), caption, keys)


def _costs(story: SearchStory) -> Iterator[CostRow]:
    """Yields the finished networks whose costs were predicted and counted, core by core."""
    ids: dict[int, list[str]] = {}
    for placement in story.placements:
        if placement.id is not None:
            ids.setdefault(placement.final, []).append(str(placement.id))
    for number, final in enumerate(story.finals):
        predicted = story.candidate(final.candidate).predicted
        name = ", ".join(ids.get(number, ["not on a front"]))
        for core, counted in final.counted.items():
            if core in predicted:
                yield CostRow(name, core, predicted[core], counted)
