"""Somebody's Keras file, looked at before Keras sees it, and copied so that Keras sees only what was looked at.

    with vetted(Path("net.h5")) as file:
        model = tf_keras.models.load_model(file.copy, compile=False)

Two looks. `extraction`, a process that can reach nothing else, reads the bytes: no links, no storage elsewhere, no
sizes that the file's size does not explain. Then the configuration is held against `allowlist`: nothing that holds
code, nothing that would be imported. The copy is made of what came through; the file itself is not opened again.
"""

import json
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from edge_nas.core.atomic import resource_errors
from edge_nas.core.processes import TimeLimitError, run
from edge_nas.core.temporary import temporary_folder
from edge_nas.errors import ArtifactError, ResourceError, UnsafeError
from edge_nas.models import extraction
from edge_nas.models.allowlist import holds_code, parts, plain, refusal

# Choices, like those of `extraction`.
WALL_LIMIT_S = 120  # four times its limit of CPU time, for slow disks
MAX_PARTS = 50_000  # a layer with its initializers and its dtype is about five
MAX_DEPTH = 100  # of lists and dictionaries in each other; Python's own readers stop at a thousand
_HOW_TO_TRUST = (
    "nothing was loaded. A layer of your own is allowed by --custom-object module:Class; all code that comes with the "
    "file by --trust-model, where you trust who made it"
)


@dataclass(frozen=True)
class Vetted:
    """A file that may be loaded.

    `copy`: holds the same network, ends in .h5 or .keras, and is gone after the `with`. `keras`: the Keras that wrote
    it, 2 or 3. `elements`: numbers among its weights.
    """

    copy: Path
    keras: int
    elements: int


@contextmanager
def vetted(path: Path, *, trust: bool = False, own: Mapping[str, Any] | None = None) -> Iterator[Vetted]:
    """Yields a copy of the network at `path` that holds nothing but numbers and allowed names.

    Args:
        path: a .keras, .h5 or .hdf5 file; its content decides, not its name.
        trust: let Lambda and classes of any module through. What reaches outside the file is refused all the same.
        own: classes and functions of the user by name; a configuration that names one gets this one.

    Raises:
        UnsafeError: the file would run code, reaches outside itself, or is a bomb.
        ArtifactError: no such file, malformed, or weights without a network.
        ResourceError: the file may not be read, or its copy not be written.
    """
    with temporary_folder() as folder:
        weights = folder / "model.weights.h5"
        contents = _extract(path, weights)
        config = _checked(path, str(contents["config"]), trust=trust, own=own or {})
        with resource_errors(weights, "written"):
            copy = _assemble(weights, config, contents)
        major = 3 if str(contents["keras_version"]).startswith("3") else 2
        yield Vetted(copy, major, int(contents["elements"]))


def _extract(path: Path, target: Path) -> dict[str, Any]:
    """Returns what `extraction` says about the file, the weights copied to `target`."""
    if not path.is_file():
        raise ArtifactError(f"{path}: no such file; a .keras or .h5 file is expected")
    if not os.access(path, os.R_OK):
        raise ResourceError(f"{path}: may not be read; give yourself the right to")
    command = [sys.executable, "-I", extraction.__file__, str(path.absolute()), str(target)]
    # Without a HOME Python would ask the system's name service for one.
    environment = {"OPENBLAS_NUM_THREADS": "1", "PATH": os.defpath, "HOME": os.sep}
    try:
        done = run(command, limit_s=WALL_LIMIT_S, environment=environment)
    except TimeLimitError:
        raise UnsafeError(f"{path}: not read within {WALL_LIMIT_S} s; {_HOW_TO_TRUST}") from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise ArtifactError(
            f"{path}: reading it ended the process that did (exit code {done.code}): the file is broken, or "
            f"takes more than {extraction.CPU_LIMIT_S} s: {done.complaint[-300:]}"
        ) from None
    if "unsafe" in answer:
        raise UnsafeError(f"{path}: {answer['unsafe']}; nothing was loaded")
    if "malformed" in answer:
        raise ArtifactError(f"{path}: not a Keras model file: {answer['malformed']}")
    return answer


def _checked(path: Path, text: str, *, trust: bool, own: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the configuration, its own classes named as the user named them, without what only training reads."""
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{path}: not a Keras model file: its configuration is no JSON: {error}") from error
    if not isinstance(config, dict):
        raise ArtifactError(f"{path}: not a Keras model file: its configuration is a {type(config).__name__}")
    if _depth(config) > MAX_DEPTH:
        raise UnsafeError(f"{path}: the configuration is nested more than {MAX_DEPTH} deep; nothing was loaded")
    for number, part in enumerate(parts(config)):
        # Loss, optimizer and metrics are not loaded, so they are not judged.
        part.pop("compile_config", None)
        reason = refusal(part, own.keys())
        if reason is not None and not trust:
            raise UnsafeError(f"{path}: {reason}; {_HOW_TO_TRUST}")
        if number > MAX_PARTS:
            raise UnsafeError(f"{path}: the configuration has more than {MAX_PARTS} parts; nothing was loaded")
        _point_at(part, own)
    return config


def _point_at(part: dict[str, Any], own: Mapping[str, Any]) -> None:
    """Lets a part that names a class or function of the user mean that one, whatever module wrote the file."""
    key = "config" if part["class_name"] == "function" else "class_name"
    name = plain(part.get(key))
    if name is not None and name in own and not holds_code(part):
        part[key] = name
        if "module" in part:
            part |= {"module": own[name].__module__, "registered_name": name}


def _depth(config: Any) -> int:
    """Returns how deep a configuration is nested, level by level instead of by recursion; at most `MAX_DEPTH` + 1."""
    depth = 0
    level = [config]
    while level and depth <= MAX_DEPTH:
        depth += 1
        below: list[Any] = []
        for container in level:
            values = container.values() if isinstance(container, dict) else container
            below += [value for value in values if isinstance(value, dict | list)]
        level = below
    return depth


def _assemble(weights: Path, config: dict[str, Any], contents: dict[str, Any]) -> Path:
    """Returns a model file in the layout of the original, made of the checked parts."""
    text = json.dumps(config)
    if contents["layout"] == "h5":
        with h5py.File(weights, "r+") as file:
            file.attrs["model_config"] = text
        return weights.rename(weights.with_name("model.h5"))
    copy = weights.with_name("model.keras")
    with zipfile.ZipFile(copy, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": contents["keras_version"]}))
        archive.writestr("config.json", text)
        archive.write(weights, "model.weights.h5")
    return copy
