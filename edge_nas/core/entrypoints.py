"""Entry points of the installed packages, looked for once a process: to look means to open a file of every package."""

from functools import cache
from importlib import metadata


@cache
def _all() -> metadata.SelectableGroups | metadata.EntryPoints:
    return metadata.entry_points()


def entry_points(group: str) -> metadata.EntryPoints:
    """Returns what installed packages declare under `group`, such as "edge_nas.models".

    A package that is installed while the process runs is not among them.
    """
    return _all().select(group=group)
