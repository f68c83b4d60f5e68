"""The user's own functions and classes, by `module:name`."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from edge_nas.core.hashing import sha256_file
from edge_nas.errors import ConfigError, ResourceError, UnsafeError

_sources: WeakKeyDictionary[ModuleType, tuple[ModuleSpec | None, str]] = WeakKeyDictionary()
"""What each module was loaded by, and the hash of its file, when it was asked for first."""


def import_named(named: str) -> Any:
    """Returns the object that `module:name` means, from the current folder or the installed packages.

    Raises:
        ConfigError: it is written otherwise, or cannot be imported.
        UnsafeError: it is of Python's standard library, itself or through another module's import of it.
        ResourceError: the module's file has changed since this process asked for it first.
    """
    module, colon, name = named.partition(":")
    if not (module and colon and name.isidentifier()):
        raise ConfigError(f"{named!r} names no class or function; write module:Name, such as my_layers:Swish")
    refuse_standard_library(named)
    with _current_folder_first():
        try:
            loaded = importlib.import_module(module)
            found = getattr(loaded, name)
        except (ImportError, AttributeError) as error:
            raise ConfigError(f"{named} cannot be imported: {error}") from error
    _refuse_changed(loaded)
    # `from os import system` in a module makes it that module's name, with arguments of a configuration's choice.
    home = getattr(found, "__module__", None) if inspect.isroutine(found) or inspect.isclass(found) else None
    if home is not None:
        refuse_standard_library(f"{home}:{name}")
    return found


def _refuse_changed(module: ModuleType) -> None:
    """Raises ResourceError where a process would go on with what a file said before: Python imports a module once.

    Such as a worker that serves one search after the other, or a notebook. A reload gives a module another spec.
    """
    path = Path(getattr(module, "__file__", None) or "")
    if not path.is_file():
        return
    digest = sha256_file(path)
    spec, first = _sources.setdefault(module, (module.__spec__, digest))
    if module.__spec__ is not spec:
        _sources[module] = (module.__spec__, digest)
    elif digest != first:
        raise ResourceError(
            f"{path} has changed since this process imported it, and Python imports a module once; start the process "
            "anew, such as the worker or the notebook's kernel"
        )


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
