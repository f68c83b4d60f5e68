"""YAML without its traps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nas.core.strictyaml import MAX_BYTES, MAX_DEPTH, dump, parse
from edge_nas.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("True", "True"),
        ("1e-3", 0.001),
        ("1.5E3", 1500.0),
        (".5", 0.5),
        ("-3", -3),
        ("007", 7.0),
        ("0x10", "0x10"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        (".inf", ".inf"),
        ("null", None),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("[1, a]", [1, "a"]),
        ("<<: 1", {"<<": 1}),
    ],
)
def test_scalars_are_what_they_look_like(text: str, value: object) -> None:
    data = parse(text, "x.yaml").data
    assert data == value
    assert type(data) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "x.yaml:3: the key 'a' stands here twice, first in line 1"),
        ("s:\n  a: 1\n  a: 2", "x.yaml:3: the key 'a' stands here twice, first in line 2"),
        ("a: &x 1\nb: 2", "x.yaml:1: anchors (&name) are not allowed: remove the anchor"),
        ("a: 1\nb: *x", "x.yaml:2: aliases (*name) are not allowed: write the value out"),
        (
            "a: !!python/object/apply:os.system [ls]",
            "x.yaml:1: tags (tag:yaml.org,2002:python/object/apply:os.system) are not allowed: remove the tag",
        ),
        ("a: !!str 1", "x.yaml:1: tags (tag:yaml.org,2002:str) are not allowed: remove the tag"),
        ("1: a", "x.yaml:1: a key must be text, not 1"),
        ("[a]: b", "x.yaml:1: a key must be text, not ['a']"),
        ("a: 1e999", "x.yaml:1: 1e999 is too large for a number"),
        ("a: " + "9" * 101, "x.yaml:1: a number has at most 100 characters"),
        ("a: 1\n---\nb: 2", "x.yaml:2: but found another document"),
        ("a: b: c", "x.yaml:1: mapping values are not allowed here"),
        ("a: [1", "x.yaml:1: expected ',' or ']', but got '<stream end>'"),
    ],
)
def test_traps_are_refused_with_their_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(text, "x.yaml")
    assert str(error.value) == message


def test_control_characters_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"^x\.yaml: not YAML: .*special characters are not allowed"):
        parse("a: \x00", "x.yaml")


@pytest.mark.parametrize("text", ["[" * 10_000, "{a: " * 10_000, "- " * 10_000 + "a"])
def test_deep_nesting_is_refused_before_python_gives_up(text: str) -> None:
    with pytest.raises(ConfigError, match=f"nested deeper than {MAX_DEPTH} levels"):
        parse(text, "x.yaml")


def test_the_allowed_depth_is_allowed() -> None:
    deepest = parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, "x.yaml").data
    for _ in range(MAX_DEPTH - 1):
        (deepest,) = deepest
    assert deepest == []


def test_large_texts_are_refused_unread() -> None:
    with pytest.raises(ConfigError, match=f"at most {MAX_BYTES}"):
        parse("#" * (MAX_BYTES + 1), "x.yaml")


def test_every_key_has_its_line() -> None:
    document = parse("a: 1\n\nb:\n  - x\n  - c: 2\n", "x.yaml")
    assert document.lines["a",] == 1
    assert document.lines["b",] == 3
    assert document.lines["b", 1, "c"] == 5


def test_an_argument_has_no_lines() -> None:
    with pytest.raises(ConfigError, match=r"^argument 'a=b: c: d': mapping values .* in quotes$"):
        parse("b: c: d", "argument 'a=b: c: d'", numbered=False)


# Printable text: the others are refused when read, as the test above shows.
_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF, exclude_characters="\x7f"), max_size=30).filter(
    lambda text: all(character.isprintable() for character in text)
)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT
    | st.sampled_from(["no", "1e-3", "null", "~", "", "true", "0x1", "12", "1_000", "a: b", "- x", "#"])
)


@given(st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(_TEXT, inner), max_leaves=10))
def test_what_is_dumped_is_read_back(data: object) -> None:
    read = parse(dump(data), "x.yaml").data
    assert repr(read) == repr(data)
