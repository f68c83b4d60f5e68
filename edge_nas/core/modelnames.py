"""What a model may be called: a registered name, a file or folder, or `module:function`; and the files behind a name.

A finished stage stays finished only as long as the files behind its model are the same, so their hashes enter its key.
"""

import importlib.util
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from edge_nas.core.hashing import sha256_data, sha256_file
from edge_nas.errors import ArtifactError

TRAINED = ("01_train", "trained.npz")
"""Where the trained network lies in a run folder."""

_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_SUFFIXES = (".npz", ".keras", ".h5", ".hdf5")


def is_function(name: str) -> bool:
    """Returns whether the name means `module:function`."""
    return _FUNCTION.fullmatch(name) is not None and not Path(name).exists()


def is_outside(name: str) -> bool:
    """Returns whether the name means a file, a folder or a function, not a registered model."""
    path = Path(name)
    return is_function(name) or path.suffix.lower() in _SUFFIXES or len(path.parts) > 1 or path.is_dir()


def file_hashes(names: Iterable[str]) -> dict[str, str]:
    """Returns name -> hash of the file or folder behind it, or of the module's source; registered names are left out.

    Of a run folder the trained network counts, of a module its own file, not what it imports.

    Raises:
        ArtifactError: a file that is not there.
    """
    return {name: _hash(name) for name in names if is_outside(name)}


def _hash(name: str) -> str:
    if is_function(name):
        return _module_hash(name.partition(":")[0])
    path = Path(name)
    trained = path.joinpath(*TRAINED)
    if trained.is_file():
        return sha256_file(trained)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return sha256_data({str(file.relative_to(path)): sha256_file(file) for file in files})
    if not path.is_file():
        raise ArtifactError(f"{path}: no such model file")
    return sha256_file(path)


def _module_hash(module: str) -> str:
    """Returns the hash of a module's source, or "" for one that cannot be found, which opening it will tell."""
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return ""
    finally:
        sys.path.remove(str(Path.cwd()))
    return sha256_file(Path(found.origin)) if found and found.origin and Path(found.origin).is_file() else ""
