"""What is wrong with a configuration, in sentences: where, which key, what was seen, what is allowed.

    camvid.yaml:4: unknown key 'train.epoch' (seen: 30); did you mean 'train.epochs'?
    argument 'prune.ratio=2': prune.ratio is 2; allowed: a number >= 0 and < 1

What is allowed is read off the type's JSON schema, so that no list of settings has to be kept by hand.
"""

import difflib
import json
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from pydantic import BaseModel, ValidationError

MAX_SHOWN = 10
RENAMED = {"steps": "rounds", "step_epochs": "round_epochs"}
"""Settings by their old names, which files of before still hold."""
Path = tuple[str | int, ...]
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


class Origins:
    """Where each setting came from: `file:line` or the argument; a setting without an own place has its section's."""

    def __init__(self, places: dict[Path, str], fallback: str) -> None:
        self._places = places
        self._fallback = fallback

    def add(self, path: Path, place: str) -> None:
        """Notes that the setting at `path` was set at `place`, after all the others."""
        self._places.pop(path, None)
        self._places[path] = place

    def within(self, path: Path) -> str:
        """Returns where the section at `path` was last touched: the likely cause when its settings disagree."""
        inner = [place for other, place in self._places.items() if other[: len(path)] == path]
        return inner[-1] if inner else self.of(path)

    def of(self, path: Path) -> str:
        """Returns the place of the setting or of the nearest section around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._places:
                return self._places[path[:length]]
        return self._fallback


def explain(error: ValidationError, model: type[BaseModel], origins: Origins) -> str:
    """Returns one line per mistake, the first ten, in the order of the type's fields."""
    schema = model.model_json_schema()
    details = error.errors(include_url=False)
    lines = []
    for detail in details[:MAX_SHOWN]:
        place = origins.within(detail["loc"]) if detail["type"] == "value_error" else origins.of(detail["loc"])
        lines.append(f"{place}: {_sentence(dict(detail), schema)}")
    if len(details) > MAX_SHOWN:
        lines.append(f"(and {len(details) - MAX_SHOWN} more)")
    return "\n".join(lines)


def _sentence(detail: dict[str, Any], schema: Schema) -> str:
    path: Path = detail["loc"]
    key = _dotted(path)
    if detail["type"] == "extra_forbidden":
        return _unknown_key(path, detail["input"], schema)
    if detail["type"] == "missing":
        return f"{key} is missing; allowed: {_allowed(_at(schema, path), schema)}"
    if detail["type"] == "value_error":
        # Rules over several keys: the message of the rule itself says what to do.
        return f"{key}: {detail['ctx']['error']}" if key else str(detail["ctx"]["error"])
    return f"{key} is {_shown(detail['input'])}; allowed: {_allowed(_at(schema, path), schema)}"


def _unknown_key(path: Path, seen: Any, schema: Schema) -> str:
    siblings = list(_resolved(_at(schema, path[:-1]), schema).get("properties", {}))
    section = _dotted(path[:-1])
    near = _nearest(path, siblings, schema)
    hint = f"; did you mean {near!r}?" if near else "."
    allowed = ", ".join(siblings)
    keys_of = f"keys of {section}" if section else "keys at the top"
    return f"unknown key {_dotted(path)!r} (seen: {_shown(seen)}){hint} {keys_of}: {allowed}"


def _nearest(path: Path, siblings: list[str], schema: Schema) -> str | None:
    """Returns the dotted key most likely meant: the same name elsewhere, a sibling of like name, any like name."""
    last = str(path[-1])
    known = list(_all_keys(schema, schema, ()))
    namesakes = [key for key in known if key[-1] == last]
    if namesakes:
        return _dotted(max(namesakes, key=lambda key: _shared_sections(key, path)))
    if RENAMED.get(last) in siblings:
        return _dotted((*path[:-1], RENAMED[last]))
    close = difflib.get_close_matches(last, siblings, 1)
    if close:
        return _dotted((*path[:-1], close[0]))
    likely = difflib.get_close_matches(_dotted(path), [_dotted(key) for key in known], 1)
    return likely[0] if likely else None


def _shared_sections(key: Path, other: Path) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(key, other, strict=False)))


def _all_keys(node: Schema, schema: Schema, prefix: Path) -> Iterator[Path]:
    for name, child in _resolved(node, schema).get("properties", {}).items():
        yield (*prefix, name)
        yield from _all_keys(child, schema, (*prefix, name))


def _at(schema: Schema, path: Path) -> Schema:
    """Returns the schema of the setting at `path`, of its innermost known section where it has none."""
    node = schema
    for step in path:
        node = _resolved(node, schema)
        if isinstance(step, int):
            items = node.get("prefixItems", [])
            child = items[step] if step < len(items) else node.get("items")
        else:
            child = node.get("properties", {}).get(step)
        if not isinstance(child, dict):
            return node
        node = child
    return node


def _resolved(node: Schema, schema: Schema) -> Schema:
    """Returns the node behind a reference, and of `X | null` the X."""
    if "$ref" in node:
        target: Schema = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        return target
    choices = [choice for choice in node.get("anyOf", []) if choice.get("type") != "null"]
    return _resolved(choices[0], schema) if len(choices) == 1 else node


def _allowed(node: Schema, schema: Schema) -> str:
    if "anyOf" in node:
        return " or ".join(_allowed(choice, schema) for choice in node["anyOf"])
    if "$ref" in node:
        keys = ", ".join(_resolved(node, schema).get("properties", {}))
        return f"a mapping with the keys {keys}"
    if "const" in node:
        return _shown(node["const"])
    if "enum" in node:
        return ", ".join(_shown(value) for value in node["enum"])
    if node.get("type") == "array" and "prefixItems" in node:
        items = ", ".join(_allowed(item, schema) for item in node["prefixItems"])
        return f"a list of {len(node['prefixItems'])}: [{items}]"
    text = _TYPES.get(str(node.get("type")), "any value")
    bounds = " and ".join(f"{sign} {_number(node[name])}" for name, sign in _BOUNDS.items() if name in node)
    if bounds:
        text = f"{text} {bounds}"
    if "pattern" in node:
        return f"{text} matching {node['pattern']}"
    return f"{text}, in quotes where it looks like a number," if text == "text" else text


def _dotted(path: Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)
