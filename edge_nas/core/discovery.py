"""Modules that add themselves to a table by being imported: those of a package, and those that others install."""

import importlib
import pkgutil

from edge_nas.core.entrypoints import entry_points


def import_modules(package: str, group: str) -> None:
    """Imports every module of a package, in alphabetical order, then what entry points of a group name.

    Args:
        package: its dotted name; it is being imported or has been.
        group: such as "edge_nas.operators"; an installed distribution names its modules there.
    """
    folders = importlib.import_module(package).__path__
    for module in pkgutil.iter_modules(folders, f"{package}."):
        importlib.import_module(module.name)
    for point in entry_points(group=group):
        point.load()
