"""The page of the benchmarks is what its results make it."""

import re

import pytest

from benchmarks.readme import PAGE, TABLES, page, table_names


def test_the_page_holds_what_its_results_make() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "stale: python -m benchmarks.readme"


def test_every_table_stands_on_the_page_once() -> None:
    assert table_names(PAGE.read_text(encoding="utf-8")) == list(TABLES)


def test_what_stands_between_the_markers_is_replaced_and_nothing_else() -> None:
    text = "before\n<!-- table carrot_veg: made by python -m benchmarks.readme -->\nold\n<!-- end -->\nafter\n"
    made = page(text)
    assert made.startswith("before\n<!-- table carrot_veg: made by python -m benchmarks.readme -->\n| network |")
    assert made.endswith("|\n<!-- end -->\nafter\n")
    assert "old" not in made
    assert page(made) == made


def test_a_marker_with_no_table_is_refused() -> None:
    with pytest.raises(KeyError, match="nothing"):
        page("<!-- table nothing: made by python -m benchmarks.readme -->\n<!-- end -->")


def sections(text: str) -> dict[str, str]:
    """Returns what stands under each heading up to the next one, by the heading's anchor."""
    parts = re.split(r"^#+ (.+)$", text, flags=re.MULTILINE)[1:]
    anchors = [re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in parts[::2]]
    return dict(zip(anchors, parts[1::2], strict=True))


def test_every_figure_of_a_verdict_stands_where_its_link_leads() -> None:
    by_anchor = sections(PAGE.read_text(encoding="utf-8"))
    verdicts = by_anchor["verdicts"].split("\n- ")[1:]
    assert len(verdicts) > 10
    for verdict in verdicts:
        anchors = re.findall(r"\(#(.*?)\)", verdict)
        figures = re.findall(r"(?<![\w.])\d[\d,.]*\d|(?<![\w.])\d", re.sub(r"\(#.*?\)", "", verdict))
        assert anchors, verdict
        assert figures, verdict
        for figure in figures:
            in_a_table = rf"(?<![\d.,]){re.escape(figure)}(?!\d)"
            assert any(re.search(in_a_table, by_anchor[anchor]) for anchor in anchors), (figure, verdict)
