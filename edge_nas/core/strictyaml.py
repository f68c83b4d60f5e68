"""YAML without its traps: what is read is what is written, or it is refused with the line.

    train:
      learning_rate: 1e-3    # a number (YAML 1.1 says text)
      early: no              # text (YAML 1.1 says false); only true and false are booleans
    train: {}                # refused: the key stands there twice

Refused as well: aliases and anchors (a few lines can stand for gigabytes), tags (they ask for types of Python),
depth over 20, text over 1 MB, several documents, infinities and NaN.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

import yaml

from edge_nas.errors import ConfigError

# 600 times a configuration with every setting written out, and five times its depth: more is a mistake, or an
# attempt to keep the reader busy.
MAX_BYTES = 1_000_000
MAX_DEPTH = 20

_BOOL = "tag:yaml.org,2002:bool"
_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_NULL = "tag:yaml.org,2002:null"

# The scalars of YAML 1.2's core schema, decimal only; a first character that starts none of them means text.
_RESOLVERS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (_BOOL, re.compile(r"^(?:true|false)$"), "tf"),
    (_NULL, re.compile(r"^(?:null|~|)$"), "n~\0"),
    (_INT, re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), "-+0123456789"),
    (_FLOAT, re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"), "-+.0123456789"),
)


def _resolver_table() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    table: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, pattern, first_characters in _RESOLVERS:
        for character in first_characters:
            table.setdefault("" if character == "\0" else character, []).append((tag, pattern))
    return table


class _Loader(yaml.SafeLoader):
    """Composes nodes and refuses the constructs that `parse` does not promise."""

    yaml_implicit_resolvers = _resolver_table()
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # missing in its stubs
        if isinstance(event, yaml.AliasEvent):
            raise _Refused("aliases (*name) are not allowed: write the value out", event.start_mark)
        if getattr(event, "anchor", None) is not None:
            raise _Refused("anchors (&name) are not allowed: remove the anchor", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise _Refused(f"tags ({event.tag}) are not allowed: remove the tag", event.start_mark)
        if self.depth >= MAX_DEPTH:
            raise _Refused(f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


class _Dumper(yaml.SafeDumper):
    """Quotes whatever `parse` would read as something else, and repeats values instead of using aliases."""

    yaml_implicit_resolvers = _resolver_table()

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


class _Refused(yaml.MarkedYAMLError):
    """Well-formed YAML that is not allowed here."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(problem=problem, problem_mark=mark)


@dataclass(frozen=True)
class Document:
    """Plain data of a YAML text, and the line (from 1) of every key in it; keys are paths from the top."""

    data: Any
    lines: dict[tuple[str | int, ...], int]


def parse(text: str, where: str, *, numbered: bool = True) -> Document:
    """Returns the data of one YAML document: dicts with text keys, lists, text, numbers, booleans, None.

    Args:
        text: The YAML.
        where: What to call the text in messages: a file, or the argument it came from.
        numbered: Whether messages name the line; an argument has only one.

    Raises:
        ConfigError: malformed, or one of the constructs that this module refuses; names `where` and the line.
    """
    size = len(text.encode("utf-8", errors="replace"))
    if size > MAX_BYTES:
        raise ConfigError(f"{where}: {size} bytes; a configuration has at most {MAX_BYTES}")
    lines: dict[tuple[str | int, ...], int] = {}
    try:
        node = yaml.compose(text, Loader=_Loader)
        data = None if node is None else _plain(node, (), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if numbered and mark is not None else ""
        hint = "" if numbered else "; put text with special characters in quotes"
        raise ConfigError(f"{where}{line}: {error.problem or error.context}{hint}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: not YAML: {' '.join(str(error).split())}") from None
    return Document(data, lines)


def dump(data: Any) -> str:
    """Returns block-style YAML that `parse` reads back to equal data; keys keep their order."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


def _plain(node: yaml.Node, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*path, position), lines) for position, child in enumerate(node.value)]
    return _scalar(node)


def _mapping(
    node: yaml.MappingNode, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]
) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = _plain(key_node, (), {})
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise _Refused(f"a key must be text, not {key!r}", key_node.start_mark)
        if key in data:
            problem = f"the key {key!r} stands here twice, first in line {lines[*path, key]}"
            raise _Refused(problem, key_node.start_mark)
        lines[*path, key] = line
        data[key] = _plain(value_node, (*path, key), lines)
    return data


def _scalar(node: yaml.Node) -> Any:
    text: str = node.value
    if node.tag == _NULL:
        return None
    if node.tag == _BOOL:
        return text == "true"
    if node.tag not in (_INT, _FLOAT):
        return text
    # 4300 digits are where Python stops converting; no setting needs more than a few.
    if len(text) > 100:
        raise _Refused("a number has at most 100 characters", node.start_mark)
    if node.tag == _INT:
        return int(text)
    number = float(text)
    if not math.isfinite(number):
        raise _Refused(f"{text} is too large for a number", node.start_mark)
    return number
