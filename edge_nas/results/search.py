"""`search/story.json`: what a search tried, threw out and why, from which its report is made.

Nothing in it differs from one run of the same search to the next, such as a time: equal searches give equal bytes.
"""

from typing import Literal

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.results.costs import Pace


class Figures(Frozen):
    """What the C of a network takes on a core, predicted or counted."""

    instructions: int
    flash_bytes: int
    ram_bytes: int

    @property
    def pace(self) -> Pace | None:
        """What an instruction takes, which the story does not keep: limits were looked at before."""
        return None


class StatedLimit(Frozen):
    """The most that a network may cost along an axis, and what says so."""

    axis: str
    most: int
    origin: str


class Draws(Frozen):
    """What became of the candidates that were drawn for a board from a family.

    Attributes:
        family: its name.
        drawn: candidates whose cost is known.
        fitting: how many of them keep every limit.
        exceeded: per axis how many were over its limit.
        unknown: candidates beside them whose cost is not known.
        unknown_reason: of the first of those.
    """

    family: str
    drawn: int
    fitting: int
    exceeded: dict[str, int]
    unknown: int
    unknown_reason: str | None


class BoardStory(Frozen):
    """A board of the search: its limits, the draws for it, and `problem` where nothing was drawn for it.

    `named`: what the command line called it, its name or a file.
    """

    board: str
    named: str
    core: str
    limits: tuple[StatedLimit, ...]
    draws: tuple[Draws, ...]
    problem: str | None = None


class Tried(Frozen):
    """A candidate, or a network that was made of one by narrowing it.

    Attributes:
        key: of the candidate, or of the narrowing.
        described: its family and decisions in words, and what was narrowed.
        predicted: what its C was predicted to take, by core.
        made_of: the key of the candidate that was narrowed; None of a candidate.
    """

    key: str
    described: str
    predicted: dict[str, Figures]
    made_of: str | None = None


class TrainingStory(Frozen):
    """One training on a rung: of which candidate, its score on val (None: `reason`), and whether it went on."""

    candidate: str
    score: float | None
    went_on: bool
    reason: str | None


class RungStory(Frozen):
    """A rung of the halving, and how its scores rank those networks that were finished.

    `rank_correlation` is Spearman's with the scores of the int8 files; None where fewer than three were finished or all
    are alike. `compared`: over how many. `mutants`: how many of the trainings were of mutants of the best.
    """

    epochs: int
    trainings: tuple[TrainingStory, ...]
    rank_correlation: float | None
    compared: int
    mutants: int = 0


class FinalStory(Frozen):
    """A trained network that became firmware, or `reason` why not.

    Attributes:
        candidate: the key of its candidate, or of its narrowing.
        epochs: of its training; of a narrowed one, of its fine-tuning.
        float_score: on val, as it was trained.
        score: of the int8 file on val by the reference kernels.
        weights_sha256: of the trained network.
        model_sha256: of the int8 file.
        counted: by core.
        stack_bytes: by core.
    """

    candidate: str
    epochs: int
    float_score: float
    score: float | None
    weights_sha256: str
    model_sha256: str | None
    counted: dict[str, Figures]
    stack_bytes: dict[str, int]
    reason: str | None


class Placement(Frozen):
    """A finished network on a board: the id of its entry in the front, or why it has none.

    `final` counts from 0 in the story's finals.
    """

    board: str
    final: int = Field(ge=0)
    id: int | None
    why_not: str | None


class SearchStory(Frozen):
    """A whole search."""

    schema_version: Literal[1] = 1
    name: str
    heading: str = Field(description="of the primary score")
    dataset_sha256: str
    seed: int
    boards: tuple[BoardStory, ...]
    candidates: tuple[Tried, ...]
    rungs: tuple[RungStory, ...]
    finals: tuple[FinalStory, ...]
    placements: tuple[Placement, ...]

    def board_of(self, network_id: int) -> BoardStory:
        """Returns the board of a network of a front.

        Raises:
            KeyError: no network has this id.
        """
        boards = {board.board: board for board in self.boards}
        for placement in self.placements:
            if placement.id == network_id:
                return boards[placement.board]
        raise KeyError(network_id)

    def candidate(self, key: str) -> Tried:
        """Returns the candidate of a key."""
        return next(tried for tried in self.candidates if tried.key == key)
