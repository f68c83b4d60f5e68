"""The user's own functions by name."""

import importlib
import sys
from pathlib import Path

import pytest

from edge_nas.core.importing import import_named
from edge_nas.errors import ConfigError, ResourceError, UnsafeError


def test_a_function_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine_for_importing.py").write_text("def answer():\n    return 42\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert import_named("mine_for_importing:answer")() == 42
    with pytest.raises(ConfigError, match="mine_for_importing:other cannot be imported"):
        import_named("mine_for_importing:other")


@pytest.mark.parametrize("named", ["json", "json:", "json:a b", ":loads"])
def test_what_names_nothing(named: str) -> None:
    with pytest.raises(ConfigError, match=r"names no class or function|cannot be imported"):
        import_named(named)


@pytest.mark.parametrize("named", ["os:system", "posix:system", "shutil:rmtree", "builtins:exec", "os.path:join"])
def test_the_standard_library_is_never_meant(named: str) -> None:
    with pytest.raises(UnsafeError, match="standard library"):
        import_named(named)


def test_not_by_way_of_a_module_that_imports_it_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "passing_on.py").write_text(
        "import functools\nfrom os import system\ndef net(width): return width\nwide = functools.partial(net, 9)\n"
    )
    with pytest.raises(UnsafeError, match="standard library"):
        import_named("passing_on:system")
    assert import_named("passing_on:wide")() == 9


def test_what_a_file_said_before_is_not_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "changed_meanwhile.py"
    path.write_text("def answer():\n    return 41\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert import_named("changed_meanwhile:answer")() == 41
    path.write_text("def answer():\n    return 4200\n", encoding="utf-8")
    with pytest.raises(ResourceError, match=r"changed_meanwhile\.py has changed since this process imported it"):
        import_named("changed_meanwhile:answer")
    with monkeypatch.context() as context:
        context.syspath_prepend(tmp_path)
        importlib.reload(sys.modules["changed_meanwhile"])
    assert import_named("changed_meanwhile:answer")() == 4200
