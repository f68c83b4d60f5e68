"""Tests for the entry points of installed packages."""

from importlib import metadata

import pytest

from edge_nas.core import entrypoints


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each time that the metadata of all packages is read."""
    found: list[None] = []
    real = metadata.entry_points
    monkeypatch.setattr(metadata, "entry_points", lambda: (found.append(None), real())[1])
    entrypoints._all.cache_clear()
    return found


def test_they_are_those_of_the_group_and_are_looked_for_once(looks: list[None]) -> None:
    scripts = entrypoints.entry_points("console_scripts")
    assert {point.group for point in scripts} == {"console_scripts"}
    assert "edge-nas" in {point.name for point in scripts}
    assert list(entrypoints.entry_points("edge_nas.nothing")) == []
    assert len(looks) == 1
