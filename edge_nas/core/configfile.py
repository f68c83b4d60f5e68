"""A build's configuration from a YAML file or a preset, plus `key=value` overrides, and back to YAML.

    config = load_config("camvid.yaml", ["train.epochs=30", "prune.ratio=0.75"])

A file names only what differs from the defaults, at any depth: `prune: {fine_tune: {epochs: 5}}` leaves the other
settings of prune's fine-tuning at prune's defaults. Whatever is wrong is told with file and line, key path, the value
seen, the values allowed and the nearest valid key. Reading a configuration runs no code that it names.
"""

import json
import re
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ConfigDict, ValidationError, create_model
from pydantic_core import to_jsonable_python

from edge_nas.core import strictyaml
from edge_nas.core.config import BuildConfig, DataSpec
from edge_nas.core.config.build import build_config_type
from edge_nas.core.config.data import DEFAULT_SOURCE
from edge_nas.core.configerrors import SettingPlaces, explain
from edge_nas.core.configschema import Path as SettingPath
from edge_nas.core.configschema import dotted
from edge_nas.core.extensions import SOURCES, TASKS
from edge_nas.core.nearnames import did_you_mean, nearest_name
from edge_nas.core.reading import open_regular
from edge_nas.core.trust import FileCode, named_code, refuse_strangers, untrusted_code
from edge_nas.errors import ConfigError, InputError

DEFAULT_PRESET = "terrain_48x64"
OVERRIDE = re.compile(r"^([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)=(.*)$", re.DOTALL)


def load_config(source: str | None = None, overrides: Iterable[str] = (), *, trust: bool = False) -> BuildConfig:
    """Returns the validated configuration; its `name` is set (the file's stem or the preset's name by default).

    Args:
        source: Path of a .yaml or .yml file, or the name of a preset; None: the default preset.
        overrides: `a.b=c` each, `c` read as YAML; they win over the file, the last one over the others.
        trust: Code that the file names may run, as code that overrides name may. Otherwise `build` refuses the
            configuration where it would run some.

    Raises:
        ConfigError: no such preset, malformed YAML, unknown keys, wrong types, values out of range.
        InputError: no such file.
        UntrustedCodeError: the file's task or data source is an installed package's: only its code knows the settings.
        UnsafeError: it is trusted and names code from outside the current project.
    """
    text = _read(DEFAULT_PRESET if source is None else source)
    document = strictyaml.parse(text.content, text.place)
    given = {} if document.data is None else document.data
    if not isinstance(given, dict):
        raise ConfigError(f"{text.place}: a configuration is a mapping of keys to values; seen: {type(given).__name__}")
    places = SettingPlaces({path: f"{text.place}:{line}" for path, line in document.lines.items()}, text.place)
    _spell_out(given)
    for override in overrides:
        _override(given, override, places)
        _spell_out(given)
    data_source = _source_of(given)
    if not trust:
        _refuse_packages({("task",): given.get("task"), ("data", "source"): data_source}, places)
    # Partial sections are filled from this build's defaults, not from their type's: prune.fine_tune is a FitSpec with
    # other defaults than a bare FitSpec, and naming one of its keys must not reset the rest.
    settings = _merged(default_settings(data_source), given)
    if settings.get("name") is None:
        settings["name"] = text.name
        places.add(("name",), f"{text.place} (the file's name is the build's where it has no key 'name')")
    kind = build_config_type(_source_type(data_source), tuple(TASKS))
    try:
        # JSON, because strict validation of Python objects refuses lists where the types have tuples.
        checked = kind.model_validate_json(json.dumps(settings), strict=True)
    except ValidationError as error:
        raise ConfigError(explain(error, kind, places, _key_of_another_source)) from None
    # As a BuildConfig made in Python would be: equal to it, and not of the type made for messages.
    config = BuildConfig(**dict(checked))
    of_file = [FileCode(code, places.of(code.path)) for code in named_code(config) if not places.is_argument(code.path)]
    if trust:
        refuse_strangers(of_file)
        return config
    return config.with_file_code(of_file)


def _refuse_packages(names: Mapping[SettingPath, Any], places: SettingPlaces) -> None:
    """Refuses a file's task and data source where to read its settings would import an installed package."""
    named = []
    for path, name in names.items():
        point = TASKS.not_imported(str(name)) if path == ("task",) else SOURCES.not_imported(str(name))
        if point is not None and not places.is_argument(path):
            named.append((dotted(path), f"{name} ({point.value})", places.of(path)))
    if named:
        raise untrusted_code(named)


def default_settings(source: str = DEFAULT_SOURCE) -> dict[str, Any]:
    """Returns every setting that has a default, as plain data, for a build on data of this source."""
    optional = {key: field for key, field in _source_type(source).model_fields.items() if not field.is_required()}
    data = {key: field.get_default(call_default_factory=True) for key, field in optional.items()}
    return BuildConfig().to_data() | {"data": to_jsonable_python(data)}


def dump_config(config: BuildConfig) -> str:
    """Returns the whole configuration as YAML, every default written out; `load_config` reads it back equal."""
    return strictyaml.dump(config.to_data())


def preset_names() -> tuple[str, ...]:
    """Returns the names of the configurations that come with the package, sorted."""
    files = resources.files("edge_nas.presets").iterdir()
    return tuple(sorted(file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml")))


def changed_keys(before: BuildConfig, after: BuildConfig) -> dict[str, tuple[Any, Any]]:
    """Returns the settings in which two configurations differ: dotted key -> (before, after)."""
    old, new = flat_settings(before.to_data()), flat_settings(after.to_data())
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return {key: (old.get(key), new.get(key)) for key in changed}


def flat_settings(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Returns nested settings as dotted key -> value."""
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, dict) and value:
            flat |= flat_settings(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


class _Text(NamedTuple):
    """A configuration's YAML, where it is from for messages, and the name of a build that has none of its own."""

    content: str
    place: str
    name: str


def _read(source: str) -> _Text:
    path = Path(source)
    if path.suffix in (".yaml", ".yml"):
        return _Text(_read_file(path), str(path), path.stem)
    names = preset_names()
    if source in names:
        preset = resources.files("edge_nas.presets").joinpath(f"{source}.yaml")
        return _Text(preset.read_text(encoding="utf-8"), f"preset {source}", source)
    if path.exists():
        raise ConfigError(f"{source}: a configuration file ends in .yaml or .yml; rename it, or name a preset")
    hint = did_you_mean(nearest_name(source, names)) or ";"
    raise ConfigError(f"no preset {source!r}{hint} presets: {', '.join(names)}; or give the path of a .yaml file")


def _read_file(path: Path) -> str:
    try:
        with open_regular(path) as file:
            data = file.read(strictyaml.MAX_BYTES + 1)
        return data.decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such configuration file; presets: {', '.join(preset_names())}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start}); save the file as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: the configuration cannot be read: {error.strerror}") from None


class _UnknownSource(DataSpec):
    """What is checked where there is no source of the name: all but settings that only the meant one has."""

    model_config = ConfigDict(extra="ignore")


def _source_of(settings: Mapping[str, Any]) -> str:
    """Returns the source that settings name, or the default one where they name none in the right place."""
    data = settings.get("data")
    named = data.get("source", DEFAULT_SOURCE) if isinstance(data, dict) else DEFAULT_SOURCE
    return str(named)


def _source_type(name: str) -> type[DataSpec]:
    """Returns the settings of a source; for a name that there is not, a type that allows the known names only."""
    if name in SOURCES:
        return SOURCES.get(name)
    known: Any = Literal.__getitem__(tuple(SOURCES))
    return create_model("UnknownSource", __base__=_UnknownSource, source=(known, DataSpec.model_fields["source"]))


def _key_of_another_source(path: tuple[str | int, ...]) -> str:
    """Returns what to add to the message on an unknown key that data of another source would have, or ""."""
    if len(path) != 2 or path[0] != "data":
        return ""
    owners = [name for name, source in SOURCES.items() if path[1] in source.model_fields]
    return f"; it belongs to data.source {' or '.join(owners)}." if owners else ""


def _override(settings: dict[str, Any], text: str, places: SettingPlaces) -> None:
    """Sets one `a.b=c` in place."""
    match = OVERRIDE.match(text)
    if match is None:
        raise ConfigError(f"{text!r} is no override: write key=value, for example train.epochs=30")
    path = tuple(match[1].split("."))
    value = strictyaml.parse(match[2], f"argument {text!r}", numbered=False).data
    section = settings
    for depth, key in enumerate(path[:-1], 1):
        if not isinstance(section.get(key), dict):
            section[key] = {}
            places.add(path[:depth], f"argument {text!r}", argument=True)
        section = section[key]
    section[path[-1]] = value
    places.add(path, f"argument {text!r}", argument=True)


def _spell_out(settings: dict[str, Any]) -> None:
    """Lets a model's name stand for the whole section, in place: `model=net.keras` means `model.name=net.keras`."""
    train = settings.get("train")
    for section, key in ((settings, "model"), (train, "teacher")):
        if isinstance(section, dict) and isinstance(section.get(key), str):
            section[key] = {"name": section[key]}


def _merged(defaults: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Returns the defaults with what is given in their place, section by section."""
    merged = dict(defaults)
    for key, value in given.items():
        default = defaults.get(key)
        if isinstance(default, dict) and isinstance(value, dict):
            merged[key] = _merged(default, value)
        else:
            merged[key] = value
    return merged
