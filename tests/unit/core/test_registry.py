"""Names to things: ours, those of other packages, and what is told of the others."""

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from edge_nas.core import registry
from edge_nas.core.registry import Registry
from edge_nas.errors import ConfigError


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> Registry[Any]:
    """A registry of a registered thing, a built-in one, an installed one, and one of a package that is broken."""
    installed = [EntryPoint("pi", "math:pi", "tests"), EntryPoint("broken", "no_such_module:thing", "tests")]
    monkeypatch.setattr(registry, "entry_points", lambda group: installed if group == "tests" else [])
    made: Registry[Any] = Registry("thing", "tests", {"square_root": "math:sqrt"})
    made.register("one")(1)
    return made


def test_things_are_found_wherever_they_are_from(things: Registry[Any]) -> None:
    assert things.get("one") == 1
    assert things.get("square_root")(9) == 3
    assert things.get("pi") == pytest.approx(3.14159)
    assert things.get("pi") is things.get("pi")


def test_names_are_listed_without_importing_what_they_mean(things: Registry[Any]) -> None:
    assert tuple(things) == ("broken", "one", "pi", "square_root")
    assert "pi" in things
    assert "two" not in things


def test_a_broken_package_spoils_its_own_name_only(things: Registry[Any]) -> None:
    with pytest.raises(ConfigError, match=r"thing 'broken' cannot be imported from no_such_module:thing, as tests nam"):
        things.get("broken")
    assert things.get("one") == 1
    assert [name for name, _ in things.items()] == ["one", "pi", "square_root"]


def test_an_unknown_name_is_told_with_the_known_ones_and_the_nearest(things: Registry[Any]) -> None:
    with pytest.raises(ConfigError) as error:
        things.get("square_rot")
    expected = "unknown thing 'square_rot'; known: broken, one, pi, square_root; did you mean 'square_root'?"
    assert str(error.value) == expected


@pytest.mark.parametrize("name", ["one", "square_root"])
def test_a_name_is_taken_once(things: Registry[Any], name: str) -> None:
    with pytest.raises(ValueError, match=f"thing '{name}' is registered twice"):
        things.register(name)(2)
