"""Code that a configuration names, and whose word that is: a file's, or that of the person who started the build.

    model: {name: "my_nets:lanes"}     # in a file: runs only where somebody trusts the file (--trust-config)
    model=my_nets:lanes                # on the command line: the user's own word

A configuration may come from a stranger, as may a run with its config.yaml; reading one runs nothing. What a file names
has to come from the current project or from an entry point that an installed distribution declares, also where the
file is trusted: `os:system` with arguments of the file's choice is never meant.
"""

import site
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.machinery import ModuleSpec
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from edge_nas.core.configschema import Path as SettingPath
from edge_nas.core.configschema import dotted
from edge_nas.core.entrypoints import entry_points
from edge_nas.core.importing import found_module, refuse_standard_library
from edge_nas.core.modelnames import is_function
from edge_nas.errors import UnsafeError, UntrustedCodeError

if TYPE_CHECKING:
    from edge_nas.core.config import BuildConfig, ModelSpec

_GROUPS = "edge_nas."
"""Entry points of every group that begins so are declared for us."""
_MODELS, _CRITERIA, _BOARDS = "edge_nas.models", "edge_nas.criteria", "edge_nas.boards"
_FAMILIES = "edge_nas.families"


class NamedCode(NamedTuple):
    """A setting that makes code run: its path, its value in words, the functions and classes among them."""

    path: SettingPath
    value: str
    functions: tuple[str, ...] = ()


class FileCode(NamedTuple):
    """Code that a file names, and where in the file."""

    code: NamedCode
    place: str


def named_code(config: "BuildConfig") -> Iterator[NamedCode]:
    """Yields every setting of a configuration that makes code of others run, but for its task and data source."""
    yield from _code_of_model(("model",), config.model)
    if config.train.teacher is not None:
        yield from _code_of_model(("train", "teacher"), config.train.teacher)
    for key in config.data.code_settings:
        value = str(getattr(config.data, key))
        yield NamedCode(("data", key), value, (value,))
    if _is_installed(config.prune.criterion, _CRITERIA):
        yield NamedCode(("prune", "criterion"), config.prune.criterion)
    if _is_installed(config.deploy.board, _BOARDS):
        yield NamedCode(("deploy", "board"), config.deploy.board)
    installed = tuple(name for name in config.search.families if _is_installed(name, _FAMILIES))
    if installed:
        yield NamedCode(("search", "families"), ", ".join(installed))


def _code_of_model(path: SettingPath, spec: "ModelSpec") -> Iterator[NamedCode]:
    if is_function(spec.name):
        yield NamedCode((*path, "name"), spec.name, (spec.name,))
    elif _is_installed(spec.name, _MODELS):
        yield NamedCode((*path, "name"), spec.name)
    if spec.custom_objects:
        yield NamedCode((*path, "custom_objects"), ", ".join(spec.custom_objects), spec.custom_objects)
    if spec.trust:
        yield NamedCode((*path, "trust"), "true")


def require_trusted(config: "BuildConfig", sections: Iterable[str] | None = None) -> None:
    """Refuses a configuration with code that a file names and nobody trusts; runs and imports nothing.

    Args:
        config: from `load_config`, or made in Python, which is the user's own word.
        sections: of the configuration that are going to be used; None: all.

    Raises:
        UntrustedCodeError: lists the settings.
        UnsafeError: one names code that is not let in from a file at all.
    """
    used = None if sections is None else set(sections)
    held = set(named_code(config))
    # A setting that a program has replaced since the file was read is the program's.
    untrusted = [
        marked for marked in config.file_code if marked.code in held and (used is None or marked.code.path[0] in used)
    ]
    refuse_strangers(untrusted)
    if untrusted:
        raise untrusted_code([(dotted(code.path), code.value, place) for code, place in untrusted])


def untrusted_code(settings: Iterable[tuple[str, str, str]]) -> UntrustedCodeError:
    """Returns the refusal of settings: key, value and place of each."""
    lines = [f"{place}: {key} is {value}, which runs code" for key, value, place in settings]
    return UntrustedCodeError(
        "\n".join(lines) + "\nwhat a file names runs only with --trust-config (in Python: "
        "load_config(..., trust=True)); look at that code first. Nothing was run"
    )


def refuse_strangers(named: Iterable[FileCode]) -> None:
    """Raises UnsafeError for code that lies neither in the current folder nor is declared by an installed package."""
    for code, place in named:
        for function in code.functions:
            try:
                refuse_standard_library(function)
                _require_project(function)
            except UnsafeError as error:
                raise UnsafeError(f"{place}: {dotted(code.path)}: {error}") from None


def _require_project(function: str) -> None:
    if _is_declared(function):
        return
    module = function.partition(":")[0].partition(".")[0]
    spec = found_module(module)  # of the outermost package: to look for an inner one would import it
    if spec is None or module == __package__.partition(".")[0]:
        problem = "there is no such module" if spec is None else "this package's own functions are no plug-ins"
        raise UnsafeError(f"{function} lies outside the current project: {problem} in {Path.cwd()}")
    places = _places(spec)
    outside = [place for place in places if not _is_in_project(place)]
    if outside or not places:
        raise UnsafeError(
            f"{function} lies outside the current project ({outside[0] if outside else spec.origin}); what a file "
            f"names has to lie in the current folder, {Path.cwd()}, or to be an entry point of an installed package"
        )


def _places(spec: ModuleSpec) -> list[Path]:
    """Returns the files and folders that a module comes from; none for what is built into Python."""
    if spec.has_location and spec.origin is not None:
        return [Path(spec.origin).resolve()]
    return [Path(folder).resolve() for folder in spec.submodule_search_locations or ()]


def _is_in_project(file: Path) -> bool:
    """Returns whether a file lies below the current folder, and not in an environment that lies there as well."""
    installed = {*map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib")), *site.getsitepackages()}
    inside_environment = any(file.is_relative_to(Path(folder).resolve()) for folder in installed if folder)
    return file.is_relative_to(Path.cwd().resolve()) and not inside_environment


def _is_declared(function: str) -> bool:
    points = (point for installed in distributions() for point in installed.entry_points)
    return any(point.value == function and point.group.startswith(_GROUPS) for point in points)


def _is_installed(name: str, group: str) -> bool:
    """Returns whether a name is one that an installed package adds."""
    return any(point.name == name for point in entry_points(group=group))
