"""What is asked of a search: boards, limits on each of them, and how long it may take."""

from dataclasses import dataclass, field

from edge_nas.boards import Board, board_names, load_board
from edge_nas.emulation import cores_to_emulate
from edge_nas.errors import ResourceError
from edge_nas.search.limits import Limits, limits_on
from edge_nas.search.planning import SearchPlan

ALL_BOARDS = "all"


@dataclass(frozen=True)
class Request:
    """What networks have to keep, and how long the search may take.

    Attributes:
        boards: names, or files that describe boards; "all" alone: every board with a core that is counted.
        limits: on each of them, beside what the board has.
        time_s: seconds for the whole search; None: as many trainings as the configuration says.
        plan: exactly what is tried; None: what time and configuration say.
    """

    boards: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)
    time_s: float | None = None
    plan: SearchPlan | None = None


class Boards:
    """The boards of a request, with their limits.

    Attributes:
        names: as the request called them.
        boards: of these names.
        limits: on each of them.
        missing: sentences on boards that are left out.
        time_s, plan: see `Request`.

    Raises:
        ConfigError: an unknown board, or one without a core on which C is counted.
        ResourceError: a tool is missing that counts on the board's core; of all boards, on every core.
    """

    def __init__(self, request: Request) -> None:
        self.time_s, self.plan = request.time_s, request.plan
        every = request.boards == (ALL_BOARDS,)
        names = [name for name in board_names() if _counts(load_board(name))] if every else list(request.boards)
        self.missing: list[str] = []
        self.names: list[str] = []
        self.boards: list[Board] = []
        for name in names:
            board = load_board(name)
            limits_on(board, request.limits)  # says what is wrong with a board that has no such core
            try:
                cores_to_emulate([str(board.emulated_core)])
            except ResourceError as error:
                if not every:
                    raise
                self.missing.append(f"board {board.name} is left out: {error}")
                continue
            self.names.append(name)
            self.boards.append(board)
        if not self.boards:
            raise ResourceError(f"no board can be searched for: {'; '.join(self.missing)}")
        self.limits = [limits_on(board, request.limits) for board in self.boards]

    @property
    def cores(self) -> tuple[str, ...] | None:
        """What a final is counted on: the only core, or all that can be emulated, where too small ones are passed."""
        cores = {limits.core for limits in self.limits}
        return tuple(cores) if len(cores) == 1 else None


def _counts(board: Board) -> bool:
    return board.emulated_core is not None and board.runtime == "c"
