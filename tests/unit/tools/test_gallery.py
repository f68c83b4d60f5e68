"""The gallery's page holds what its scripts printed, and its pictures are those that are made."""

import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edge_nas.tasks.classification import Classification
from tools.gallery import IMAGES, PAGE, ROOT, SHOWN, captioned, first_plot, spread_out, with_output

LEAST_SHOWN = 8
"""Scripts whose output stands on the page; a search and long builds are run in full now and then."""


def test_every_script_has_a_section_with_what_it_printed_and_drew() -> None:
    page = PAGE.read_text(encoding="utf-8")
    sections = {section.split("`")[1]: section for section in page.split("\n## ")[1:]}
    assert sorted(sections) == sorted(f"examples/{path.name}" for path in (ROOT / "examples").glob("*.py"))
    shown = re.findall(r"<!-- (\w+): begin[^>]*-->\n\n```text\n(.*?)```\n\n<!--", page, re.DOTALL)
    assert len(shown) >= LEAST_SHOWN
    for name, text in shown:
        assert f"examples/{name}.py" in sections
        assert len(text.strip().splitlines()) > 1, name
        assert with_output(page, name, text) == page
    assert all((IMAGES / picture).is_file() for picture in re.findall(r"\]\(images/([\w.-]+)\)", page))


def test_a_script_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no markers for nothing"):
        with_output(PAGE.read_text(encoding="utf-8"), "nothing", "x")


@pytest.mark.parametrize("duration", ["2 h 05 min", "17 min 06 s", "59.5 s"])
def test_how_long_a_busy_machine_took_is_left_out(duration: str) -> None:
    page = with_output(PAGE.read_text(encoding="utf-8"), "motion", f"motion  {duration}, all gates met\n")
    assert "\nmotion  all gates met\n" in page


def test_classes_come_in_turn() -> None:
    def samples(labels: list[int], task: Any) -> Any:
        return SimpleNamespace(labels=np.array(labels), task=task, __len__=lambda: len(labels))

    labels = [0, 0, 0, 0, 1, 1, 2, 0, 0, 0]
    chosen = spread_out(samples(labels, Classification(classes=("a", "b", "c"))))
    assert chosen == [0, 4, 6, 1, 5, 2, 3, 7]
    assert len(chosen) == SHOWN


def test_a_plot_stands_alone() -> None:
    svg = first_plot('<p><svg class="plot" viewBox="0 0 9 9"><path style="stroke: var(--blue)"/></svg><svg>2</svg></p>')
    assert 'viewBox="0 0 9 9"' in svg
    assert "stroke: #1f5fa8" in svg
    assert svg.count("</svg>") == 1
    with pytest.raises(ValueError, match="no plot"):
        first_plot("<svg></svg>")


def test_pictures_stand_above_their_text() -> None:
    black = np.zeros((20, 30, 3), np.uint8)
    alone, told = captioned([black], []), captioned([black, black], ["one", "two"])
    assert alone.size == (30, 26)
    assert told.size == (30, 76)
    assert np.asarray(told)[:20].max() == 0
    assert np.asarray(told)[52:].min() < 255
