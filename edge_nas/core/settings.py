"""docs/settings.md: every setting with its default, the values it may have and its meaning.

python -m edge_nas.core.settings > docs/settings.md
"""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from edge_nas.core.config import BuildConfig
from edge_nas.core.configschema import IN_QUOTES, Path, Schema, allowed, dotted, every_key, resolved, setting_at, shown

_OPENING = """# Settings

Every setting of a build, as a configuration file holds it and `key=value` on the command line replaces it. This page is
made from the types in [edge_nas/core/config](../edge_nas/core/config) by `python -m edge_nas.core.settings`.

```yaml
train:
  epochs: 30        # or on the command line: train.epochs=30
```

A section that may be `null` is off until one of its settings is given. `edge-nas config show --resolved` prints the
settings of a build, defaults included; each is checked before anything runs.
"""


def page() -> str:
    """Returns the page, one table per section, in the order of a configuration."""
    schema = BuildConfig.model_json_schema()
    sections = [(), *(key for key in every_key(schema) if _is_section(setting_at(schema, key), schema))]
    return "\n".join([_OPENING, *(_section(section, schema) for section in sections)])


def _is_section(setting: Schema, schema: Schema) -> bool:
    """Returns whether a setting is a section of settings of its own."""
    return "properties" in resolved(setting, schema)


def _section(path: Path, schema: Schema) -> str:
    section = resolved(setting_at(schema, path), schema) if path else schema
    lines = [f"## {dotted(path)}\n" if path else "## At the top\n", f"{_unwrapped(section['description'])}\n"]
    rows = list(_rows(path, section, schema))
    if rows:
        lines += ["| setting | default | allowed | meaning |", "|---|---|---|---|", *rows]
    return "\n".join([*lines, ""])


def _rows(path: Path, section: Schema, schema: Schema) -> Iterator[str]:
    """Yields one line per setting; a section in it is a line that leads to its own table."""
    defaults = _default_at(BuildConfig(), path)
    for name, setting in section["properties"].items():
        key = dotted((*path, name))
        if _is_section(setting, schema):
            values = f"[its settings](#{key.replace('.', '')})" + (" or null" if "anyOf" in setting else "")
            default = "null" if "anyOf" in setting else ""
        else:
            values = allowed(setting, schema).replace(f"{IN_QUOTES},", "")
            default = f"`{shown(defaults.get(name, setting.get('default')))}`"
        yield f"| `{key}` | {default} | {_in_cell(values)} | {_in_cell(setting['description'])} |"


def _default_at(config: BaseModel, path: Path) -> dict[str, Any]:
    """Returns a section's defaults in a build: prune.fine_tune has others than its type; {} where it is off."""
    node: Any = config.model_dump(mode="json")
    for key in path:
        node = (node or {}).get(key)
    return node or {}


def _unwrapped(text: str) -> str:
    """Returns a docstring with each paragraph on one line."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _in_cell(text: str) -> str:
    """Returns text that a table's cell may hold."""
    return text.replace("|", "\\|").replace("<", "\\<")


if __name__ == "__main__":
    print(page(), end="")
