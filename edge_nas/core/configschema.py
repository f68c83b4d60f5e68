"""What the JSON schema of a configuration says of a setting: where it stands, and which values are allowed.

It is read off the types, so that no list of settings has to be kept by hand.
"""

import json
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
"""Of a setting from the top: keys, and positions in lists."""
Schema = dict[str, Any]

_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys to values",
    "null": "null",
}
_BOUNDS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
_MOST_CHARACTERS = 80
IN_QUOTES = ", in quotes where it looks like a number"
"""What a message adds to "text", for who wrote 3 and meant "3"."""


def setting_at(schema: Schema, path: Path) -> Schema:
    """Returns the schema of the setting at `path`; of its innermost known section where there is no such setting."""
    node = schema
    for key in path:
        node = resolved(node, schema)
        if isinstance(key, int):
            items = node.get("prefixItems", [])
            child = items[key] if key < len(items) else node.get("items")
        else:
            child = node.get("properties", {}).get(key)
        if not isinstance(child, dict):
            return node
        node = child
    return node


def resolved(node: Schema, schema: Schema) -> Schema:
    """Returns the schema behind a reference, and of `X | null` that of X."""
    if "$ref" in node:
        target: Schema = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        return target
    choices = [choice for choice in node.get("anyOf", []) if choice.get("type") != "null"]
    return resolved(choices[0], schema) if len(choices) == 1 else node


def is_section(path: Path, schema: Schema) -> bool:
    """Returns whether a setting is a section with settings of its own."""
    return "properties" in resolved(setting_at(schema, path), schema)


def every_key(schema: Schema) -> Iterator[Path]:
    """Yields the path of every setting and section, each section before what is in it."""
    yield from _keys_in(schema, schema, ())


def _keys_in(node: Schema, schema: Schema, section: Path) -> Iterator[Path]:
    for name, child in resolved(node, schema).get("properties", {}).items():
        yield (*section, name)
        yield from _keys_in(child, schema, (*section, name))


def allowed(node: Schema, schema: Schema) -> str:
    """Returns in words which values a setting may have."""
    if "anyOf" in node:
        return " or ".join(allowed(choice, schema) for choice in node["anyOf"])
    if "$ref" in node:
        keys = ", ".join(resolved(node, schema).get("properties", {}))
        return f"a mapping with the keys {keys}"
    if "const" in node:
        return shown(node["const"])
    if "enum" in node:
        return ", ".join(shown(value) for value in node["enum"])
    if node.get("type") == "array" and "prefixItems" in node:
        items = ", ".join(allowed(item, schema) for item in node["prefixItems"])
        return f"a list of {len(node['prefixItems'])}: [{items}]"
    if node.get("type") == "array" and "minItems" in node and "maxItems" in node:
        return f"a list of {node['minItems']} to {node['maxItems']}: [{allowed(node['items'], schema)}, ...]"
    text = _TYPES.get(str(node.get("type")), "any value")
    bounds = " and ".join(f"{sign} {_number(node[name])}" for name, sign in _BOUNDS.items() if name in node)
    if bounds:
        text = f"{text} {bounds}"
    if "pattern" in node:
        return f"{text} matching {node['pattern']}"
    return f"{text}{IN_QUOTES}," if text == "text" else text


def dotted(path: Path) -> str:
    """Returns a path as it is written: `data.input_shape[1]`."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += f".{key}" if text else key
    return text


def shown(value: Any) -> str:
    """Returns a value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 3]}..."


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)
