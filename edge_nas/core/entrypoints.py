"""Entry points of the installed packages, looked for once a process: to look means to open a file of every package."""

from functools import cache
from importlib import metadata
from typing import Any


@cache
def _all() -> Any:  # Python 3.11 has a type of its own for all of them, which 3.12 has not
    return metadata.entry_points()


def entry_points(group: str) -> metadata.EntryPoints:
    """Returns what installed packages declare under `group`, such as "edge_nas.models".

    A package that is installed while the process runs is not among them.
    """
    found: metadata.EntryPoints = _all().select(group=group)
    return found
