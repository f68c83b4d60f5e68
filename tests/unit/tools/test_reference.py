"""The reference pages are those of the code."""

import pytest

from tools.reference import DOCS, pages

PAGES = {path.relative_to(DOCS).as_posix(): content for path, content in pages().items()}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name], "run: python -m tools.reference"


def test_what_they_tell() -> None:
    assert "## edge-nas compare" in PAGES["reference/commands.md"]
    assert "## prune_model" in PAGES["reference/python.md"]
    assert "| 4 | a gate was not met" in PAGES["reference/exit-codes.md"]
    assert "| `max_sram_rise` |" in PAGES["ci.md"]
