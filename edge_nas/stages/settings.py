"""A configuration of which only the declared settings can be read."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from edge_nas.core.config import BuildConfig
from edge_nas.core.frozen import Frozen
from edge_nas.errors import EdgeNasError


class Declaration(NamedTuple):
    """What a stage declares that it reads.

    `entries`: dotted keys of settings, or of sections for all below them. `stage` and `field` say in messages who
    declares it, and where. `note` is told each entry of which something is read.
    """

    entries: tuple[str, ...]
    stage: str
    field: str
    note: Callable[[str], object]


def declared_settings(config: BuildConfig, declaration: Declaration) -> BuildConfig:
    """Returns the configuration as far as it is declared; reading anything else of it raises EdgeNasError.

    A section that is declared as a whole is handed out as it is. Of a section that is declared in part only those
    settings can be read, one by one: as a whole it cannot be passed on to a function that wants a section. The
    configuration itself comes back where every field of it is declared.
    """
    if set(BuildConfig.model_fields) <= set(declaration.entries):
        for entry in declaration.entries:
            declaration.note(entry)
        return config
    return cast(BuildConfig, _DeclaredSection(config, "", declaration))


class _DeclaredSection:
    """Stands for a section of the configuration that is declared in part; `prefix` is its key with a dot behind it."""

    def __init__(self, section: Frozen, prefix: str, declaration: Declaration) -> None:
        self._section = section
        self._prefix = prefix
        self._declaration = declaration

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # What Python itself asks for, such as __deepcopy__, is no setting.
            raise AttributeError(name)
        key = f"{self._prefix}{name}"
        declaration = self._declaration
        for entry in declaration.entries:
            if key == entry or key.startswith(f"{entry}."):
                declaration.note(entry)
                return getattr(self._section, name)
        below = tuple(entry for entry in declaration.entries if entry.startswith(f"{key}."))
        if not below:
            raise self._undeclared(name, key)
        section = getattr(self._section, name)
        if section is None:  # An optional section that is not set: what is declared below it is known by that.
            for entry in below:
                declaration.note(entry)
            return None
        return _DeclaredSection(section, f"{key}.", declaration._replace(entries=below))

    def _undeclared(self, name: str, key: str) -> EdgeNasError:
        entries, stage, field, _ = self._declaration
        if name in type(self._section).model_fields:
            return EdgeNasError(
                f"stage {stage} uses the setting {key}, but its declaration lacks it: add it to {field}"
            )
        section = self._prefix.removesuffix(".") or "the configuration"
        return EdgeNasError(
            f"stage {stage} uses {section} as a whole ({name}), but declares only {', '.join(entries) or 'nothing'} "
            f"of it: add it to {field}, or read setting by setting"
        )
