"""The user's own functions and classes, by `module:name`."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from edge_nas.errors import ConfigError, UnsafeError


def import_named(named: str) -> Any:
    """Returns the object that `module:name` means, from the current folder or the installed packages.

    Raises:
        ConfigError: it is written otherwise, or cannot be imported.
        UnsafeError: it is of Python's standard library, itself or through another module's import of it.
    """
    module, colon, name = named.partition(":")
    if not (module and colon and name.isidentifier()):
        raise ConfigError(f"{named!r} names no class or function; write module:Name, such as my_layers:Swish")
    refuse_standard_library(named)
    with _current_folder_first():
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise ConfigError(f"{named} cannot be imported: {error}") from error
    # `from os import system` in a module makes it that module's name, with arguments of a configuration's choice.
    home = getattr(found, "__module__", None) if inspect.isroutine(found) or inspect.isclass(found) else None
    if home is not None:
        refuse_standard_library(f"{home}:{name}")
    return found


def refuse_standard_library(named: str) -> None:
    """Raises UnsafeError for what belongs to Python itself: no network or data set is made by it, but much harm."""
    module = named.partition(":")[0]
    if module.partition(".")[0] in sys.stdlib_module_names:
        raise UnsafeError(f"{named} is of Python's standard library, which makes no model and no data; it was not run")


def found_module(module: str) -> ModuleSpec | None:
    """Returns where `import_named` would find an outermost module, None for nowhere; imports nothing."""
    with _current_folder_first():
        try:
            return importlib.util.find_spec(module)
        except (ImportError, ValueError):  # ValueError: a module that was made by hand
            return None


@contextmanager
def _current_folder_first() -> Iterator[None]:
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
