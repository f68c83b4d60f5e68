"""What is wrong with a configuration, in sentences: where, which key, what was seen, what is allowed.

camvid.yaml:4: unknown key 'train.epoch' (seen: 30); did you mean 'train.epochs'?
argument 'prune.ratio=2': prune.ratio is 2; allowed: a number >= 0 and < 1
"""

from collections.abc import Callable
from itertools import takewhile
from typing import Any

from pydantic import BaseModel, ValidationError

from edge_nas.core.configschema import Path, Schema, allowed, dotted, every_key, resolved, setting_at, shown
from edge_nas.core.nearnames import did_you_mean, nearest_name

# A person reads and mends a few mistakes at a time; the rest would scroll the first ones away.
MAX_SHOWN = 10
RENAMED = {"steps": "rounds", "step_epochs": "round_epochs"}
"""Settings by their old names, which files of before still hold."""


class SettingPlaces:
    """Where each setting came from: `file:line` or the argument; a setting without an own place has its section's."""

    def __init__(self, places: dict[Path, str], fallback: str) -> None:
        self._places = places
        self._fallback = fallback
        self._arguments: set[Path] = set()

    def add(self, path: Path, place: str, *, argument: bool = False) -> None:
        """Notes that the setting at `path` and all below it were set at `place`, after all the others.

        Args:
            path: of the setting or section.
            place: what to call the place in messages.
            argument: it stands on the command line, so that it is the user's word and not a file's.
        """
        for other in [other for other in self._places if other[: len(path)] == path]:
            del self._places[other]
            self._arguments.discard(other)
        self._places[path] = place
        if argument:
            self._arguments.add(path)

    def last_within(self, path: Path) -> str:
        """Returns where the section at `path` was last touched: the likely cause when its settings disagree."""
        inner = [place for other, place in self._places.items() if other[: len(path)] == path]
        return inner[-1] if inner else self.of(path)

    def of(self, path: Path) -> str:
        """Returns the place of the setting or of the nearest section around it."""
        return self._places.get(self._nearest(path), self._fallback)

    def is_argument(self, path: Path) -> bool:
        """Returns whether the setting, or the nearest section around it, was set on the command line."""
        return self._nearest(path) in self._arguments

    def _nearest(self, path: Path) -> Path:
        around = (path[:length] for length in range(len(path), 0, -1))
        return next((section for section in around if section in self._places), ())


def explain(
    error: ValidationError,
    model: type[BaseModel],
    places: SettingPlaces,
    hint_of: Callable[[Path], str] = lambda _: "",
) -> str:
    """Returns one line per mistake, the first ten, in the order of the type's fields.

    Args:
        error: the mistakes.
        model: the type that was to be made.
        places: where each setting came from.
        hint_of: what is known of an unknown key besides its nearest one; "": nothing.
    """
    schema = model.model_json_schema()
    mistakes = _one_of_each_choice([dict(mistake) for mistake in error.errors(include_url=False)], schema)
    lines = []
    for mistake in mistakes[:MAX_SHOWN]:
        path: Path = mistake["loc"]
        # A rule over several settings names their section: the one set last is likely the one that broke it.
        place = places.last_within(path) if mistake["type"] == "value_error" else places.of(path)
        lines.append(f"{place}: {_sentence(mistake, schema, hint_of)}")
    if len(mistakes) > MAX_SHOWN:
        lines.append(f"(and {len(mistakes) - MAX_SHOWN} more)")
    return "\n".join(lines)


def _one_of_each_choice(mistakes: list[dict[str, Any]], schema: Schema) -> list[dict[str, Any]]:
    """Returns the mistakes with one for each setting that allows values of several kinds, about its whole value.

    pydantic tells of each kind why the value is none of it.
    """
    kept: dict[Path, dict[str, Any]] = {}
    for mistake in sorted(mistakes, key=lambda mistake: len(mistake["loc"])):
        path = _up_to_choice(mistake["loc"], schema)
        kept.setdefault(path, mistake | {"loc": path})
    order = {id(kept[_up_to_choice(mistake["loc"], schema)]): None for mistake in mistakes}
    by_id = {id(mistake): mistake for mistake in kept.values()}
    return [by_id[entry] for entry in order]


def _up_to_choice(path: Path, schema: Schema) -> Path:
    """Returns the path of the setting of several kinds that `path` leads into, else `path`."""
    for length in range(1, len(path)):
        node = resolved(setting_at(schema, path[:length]), schema)
        if "anyOf" in node:
            return path[:length]
    return path


def _sentence(mistake: dict[str, Any], schema: Schema, hint_of: Callable[[Path], str]) -> str:
    path: Path = mistake["loc"]
    key, setting = dotted(path), setting_at(schema, path)
    if mistake["type"] == "extra_forbidden":
        return _unknown_key(path, mistake["input"], schema, hint_of(path))
    if mistake["type"] == "missing":
        meaning = f", {setting['description']}," if "description" in setting else ""
        return f"{key}{meaning} is missing; allowed: {allowed(setting, schema)}"
    if mistake["type"] == "value_error":
        # The message of the rule itself says what to do.
        return f"{key}: {mistake['ctx']['error']}" if key else str(mistake["ctx"]["error"])
    return f"{key} is {shown(mistake['input'])}; allowed: {allowed(setting, schema)}"


def _unknown_key(path: Path, value: Any, schema: Schema, hint: str) -> str:
    section = dotted(path[:-1])
    siblings = list(resolved(setting_at(schema, path[:-1]), schema).get("properties", {}))
    hint = hint or did_you_mean(_nearest_key(path, siblings, schema)) or "."
    keys_of = f"keys of {section}" if section else "keys at the top"
    return f"unknown key {dotted(path)!r} (seen: {shown(value)}){hint} {keys_of}: {', '.join(siblings)}"


def _nearest_key(path: Path, siblings: list[str], schema: Schema) -> str | None:
    """Returns the dotted key most likely meant: the same name elsewhere, a sibling of like name, any like name."""
    name = str(path[-1])
    known = list(every_key(schema))
    namesakes = [key for key in known if key[-1] == name]
    if namesakes:
        return dotted(max(namesakes, key=lambda key: _shared_sections(key, path)))
    sibling = RENAMED[name] if RENAMED.get(name) in siblings else nearest_name(name, siblings)
    if sibling is not None:
        return dotted((*path[:-1], sibling))
    return nearest_name(dotted(path), map(dotted, known))


def _shared_sections(key: Path, other: Path) -> int:
    """Returns how many sections, from the top, two settings lie in together."""
    pairs = zip(key, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
