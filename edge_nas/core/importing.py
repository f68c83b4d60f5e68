"""The user's own functions and classes, by `module:name`."""

import importlib
import sys
from pathlib import Path
from typing import Any

from edge_nas.errors import ConfigError


def import_named(named: str) -> Any:
    """Returns the object that `module:name` means, from the current folder or the installed packages.

    Raises:
        ConfigError: it is written otherwise, or cannot be imported.
    """
    module, colon, name = named.partition(":")
    if not (module and colon and name.isidentifier()):
        raise ConfigError(f"{named!r} names no class or function; write module:Name, such as my_layers:Swish")
    sys.path.insert(0, str(Path.cwd()))
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{named} cannot be imported: {error}") from error
    finally:
        sys.path.remove(str(Path.cwd()))
