"""docs/settings.md: every setting with its default, the values it may have and its meaning.

python -m edge_nas.core.settings > docs/settings.md
"""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import create_model

from edge_nas.core.config import DataSpec
from edge_nas.core.config.build import build_config_type
from edge_nas.core.config.data import DEFAULT_SOURCE
from edge_nas.core.configfile import default_settings
from edge_nas.core.configschema import (
    IN_QUOTES,
    Path,
    Schema,
    allowed,
    dotted,
    every_key,
    is_section,
    resolved,
    setting_at,
    shown,
)
from edge_nas.core.extensions import BUILT_IN_SOURCES, BUILT_IN_TASKS, SOURCES

_OPENING = """# Settings

Every setting of a build, as a configuration file holds it and `key=value` on the command line replaces it. This page is
made from the types in [edge_nas/core/config](../edge_nas/core/config) by `python -m edge_nas.core.settings`.

```yaml
train:
  epochs: 30        # or on the command line: train.epochs=30
```

A section that may be `null` is off until one of its settings is given. `edge-nas config show --resolved` prints the
settings of a build, defaults included; each is checked before anything runs. Defaults are those of a configuration
file; a build without one begins with the preset `terrain_48x64`, which says some of them otherwise. Tasks and data
sources of other packages are known by their own names, and such a source has its own settings in `data`.
"""


def page() -> str:
    """Returns the page, one table per section, in the order of a configuration; of data, one more per source."""
    schema = _schema_of(_any_source())
    parts = [_OPENING, _section((), schema, DEFAULT_SOURCE)]
    for section in filter(lambda key: is_section(key, schema), every_key(schema)):
        parts.append(_section(section, schema, DEFAULT_SOURCE))
        if section == ("data",):
            parts += [part for source in BUILT_IN_SOURCES for part in _source(source)]
    return "\n".join(parts)


def every_setting() -> Iterator[tuple[Path, Schema]]:
    """Yields the path and the schema of every setting and section, of each built-in source as well."""
    schemas = [_schema_of(_any_source()), *(_schema_of(SOURCES.get(source)) for source in BUILT_IN_SOURCES)]
    settings = {key: setting_at(schema, key) for schema in schemas for key in every_key(schema)}
    yield from settings.items()


def _schema_of(source: type[DataSpec]) -> Schema:
    """Returns the schema of builds on data of a source."""
    return build_config_type(source, tuple(BUILT_IN_TASKS)).model_json_schema()


def _any_source() -> type[DataSpec]:
    """Returns the settings that all sources have."""
    names: Any = Literal.__getitem__(tuple(BUILT_IN_SOURCES))
    field = (names, DataSpec.model_fields["source"])
    return create_model("DataSpec", __base__=DataSpec, __doc__=DataSpec.__doc__, source=field)


def _source(name: str) -> Iterator[str]:
    """Yields the tables of a source's own settings."""
    schema = _schema_of(SOURCES.get(name))
    heading = f"data, source `{name}`"
    yield _section(("data",), schema, name, heading, hidden=frozenset(DataSpec.model_fields))
    for section in filter(lambda key: len(key) > 1 and key[0] == "data" and is_section(key, schema), every_key(schema)):
        yield _section(section, schema, name)


def _section(
    path: Path, schema: Schema, source: str, heading: str = "", *, hidden: frozenset[str] = frozenset()
) -> str:
    """Returns a heading, what the section is, and a line for each setting but the hidden ones."""
    section = resolved(setting_at(schema, path), schema)
    lines = [f"## {heading or dotted(path) or 'At the top'}\n", f"{_unwrapped(section['description'])}\n"]
    defaults = _default_at(path, source)
    lines += ["| setting | default | allowed | meaning |", "|---|---|---|---|"]
    for name, setting in section["properties"].items():
        if name not in hidden:
            lines.append(_row((*path, name), setting, schema, defaults.get(name, setting.get("default"))))
    return "\n".join([*lines, ""])


def _row(path: Path, setting: Schema, schema: Schema, default: Any) -> str:
    """Returns the line of a setting; that of a section leads to its own table."""
    key = dotted(path)
    if is_section(path, schema):
        may_be_null = "anyOf" in setting
        values = f"[its settings](#{key.replace('.', '')})" + (" or null" if may_be_null else "")
        cell = "`null`" if may_be_null else ""
    else:
        values = allowed(setting, schema).replace(f"{IN_QUOTES},", "")
        cell = f"`{shown(default)}`" if "default" in setting or default is not None else ""
    return f"| `{key}` | {cell} | {_in_cell(values)} | {_in_cell(setting['description'])} |"


def _default_at(path: Path, source: str) -> dict[str, Any]:
    """Returns a section's defaults in a build: prune.fine_tune has others than its type; {} where it is off."""
    node: Any = default_settings(source)
    for key in path:
        node = (node or {}).get(key)
    return node or {}


def _unwrapped(text: str) -> str:
    """Returns the first paragraphs of a docstring, up to its Google sections, with each on one line."""
    prose = text.split("\n\nAttributes:", maxsplit=1)[0]
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in prose.split("\n\n"))


def _in_cell(text: str) -> str:
    """Returns text that a table's cell may hold."""
    return text.replace("|", "\\|").replace("<", "\\<")


if __name__ == "__main__":
    print(page(), end="")
