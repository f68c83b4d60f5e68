"""Modules that register themselves are found without a table of them."""

import sys
import types
from importlib import metadata

import pytest

from edge_nas.core.discovery import import_modules


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two modules on the path."""
    folder = tmp_path / "found_here"
    folder.mkdir()
    for name in ("__init__", "one", "two"):
        (folder / f"{name}.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield "found_here"
    for name in [name for name in sys.modules if name.partition(".")[0] == "found_here"]:
        del sys.modules[name]


def test_every_module_of_a_package_is_imported(package) -> None:
    import_modules(package, "edge_nas.nothing")
    assert {f"{package}.one", f"{package}.two"} <= set(sys.modules)


def test_modules_of_other_distributions_are_imported(package, monkeypatch) -> None:
    loaded = []
    point = types.SimpleNamespace(load=lambda: loaded.append("theirs"))
    monkeypatch.setattr("edge_nas.core.discovery.entry_points", lambda group: [point] if group == "a.group" else [])
    import_modules(package, "a.group")
    import_modules(package, "another.group")
    assert loaded == ["theirs"]
    assert metadata.entry_points(group="edge_nas.nothing") == ()
