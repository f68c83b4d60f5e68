"""Rows of a table, kept as JSON: an interrupted benchmark goes on after its last row."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from edge_nas.core.atomic import write_json

Row = dict[str, Any]


def rows_of(
    wanted: Iterable[Row], measure: Callable[[Row], Row], path: Path | None, facts: dict[str, Any]
) -> Iterator[Row]:
    """Yields every wanted row with what was measured; rows that `path` holds already are not made again.

    Args:
        wanted: what to measure: plain JSON data, different for each row; all settings that matter are in it.
        measure: adds the figures of one row.
        path: where rows are kept as they come, with those that are there and not asked for; None: nowhere.
        facts: what the file says besides.
    """
    kept: list[Row] = json.loads(path.read_text())["rows"] if path is not None and path.is_file() else []
    for what in wanted:
        row = next((row for row in kept if what.items() <= row.items()), None)
        if row is None:
            row = what | measure(what)
            kept.append(row)
            if path is not None:
                write_json(path, {**facts, "rows": kept})
        yield row
