"""From a name or a file to a board."""

import json
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from edge_nas.boards.board import Board
from edge_nas.core import strictyaml
from edge_nas.core.configerrors import SettingPlaces, explain
from edge_nas.core.reading import open_regular
from edge_nas.core.registry import Registry
from edge_nas.errors import ConfigError, InputError

BOARDS: Registry[Board] = Registry("board", "edge_nas.boards")


def load_board(name: str) -> Board:
    """Returns a board by its name, or the one that a .yaml file describes.

    Raises:
        ConfigError: no such board, or the file is not a board.
        InputError: no such file.
    """
    if not is_board_file(name):
        return BOARDS.get(name)
    path = Path(name)
    try:
        with open_regular(path) as file:
            text = file.read(strictyaml.MAX_BYTES + 1).decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; known boards: {', '.join(BOARDS)}") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{path}: the board cannot be read: {reason}; known boards: {', '.join(BOARDS)}") from None
    return parse_board(text, str(path))


def is_board_file(name: str) -> bool:
    """Returns whether the name means a file that describes a board, not a board that is known."""
    return Path(name).suffix in (".yaml", ".yml")


def board_names() -> tuple[str, ...]:
    """Returns the names of the known boards, sorted."""
    return tuple(BOARDS)


def parse_board(text: str, where: str) -> Board:
    """Returns the board that a YAML text describes.

    Raises:
        ConfigError: not a board; names `where`, the line and what is allowed.
    """
    document = strictyaml.parse(text, where)
    places = SettingPlaces({path: f"{where}:{line}" for path, line in document.lines.items()}, where)
    try:
        # JSON, because strict validation of Python objects refuses lists where the type has tuples.
        return Board.model_validate_json(json.dumps(document.data), strict=True)
    except ValidationError as error:
        raise ConfigError(explain(error, Board, places)) from None


def _register_built_in() -> None:
    for file in sorted(resources.files("edge_nas.boards.data").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            board = parse_board(file.read_text(encoding="utf-8"), f"edge_nas/boards/data/{file.name}")
            BOARDS.register(board.name)(board)


_register_built_in()
