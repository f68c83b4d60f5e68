"""The gallery: each script is short, says what it is, and runs at a reduced size; `make examples` runs them in full."""

import ast
import re
import runpy
import sys
from pathlib import Path

import pytest

from edge_nas.core.configfile import load_config

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
_MOST_LINES = 60
# These train presets that tests/integration build anyway: run in full sets of tests only, by make endurance.
_PRESETS = {"terrain", "grey_classifier", "motion", "keywords"}


def _cases() -> list[object]:
    marks = {True: [pytest.mark.endurance], False: []}
    return [pytest.param(path, marks=marks[path.stem in _PRESETS], id=path.stem) for path in EXAMPLES]


def test_there_are_eight_and_the_gallery_has_them_all() -> None:
    gallery = (ROOT / "docs/gallery.md").read_text(encoding="utf-8")
    assert len(EXAMPLES) == 8
    assert [path.name for path in EXAMPLES if f"examples/{path.name}" not in gallery] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_is_short_and_says_what_it_is(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) < _MOST_LINES
    assert ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("name", sorted(_PRESETS))
def test_its_settings_are_those_of_its_preset(name: str) -> None:
    example = runpy.run_path(str(ROOT / f"examples/{name}.py"))
    preset = re.search(r'load_config\("(\w+)"', (ROOT / f"examples/{name}.py").read_text(encoding="utf-8"))
    assert preset is not None
    assert load_config(preset[1], example["QUICK"]).train.epochs == 1


@pytest.mark.parametrize("path", _cases())
def test_it_runs_at_a_reduced_size(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(path), "--quick"])
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out
