"""The report of a search."""

import re

from searchresults import BOARD, CORE, found

from edge_nas.reporting.searched import render_search
from edge_nas.results.front import Front, FrontNetwork
from edge_nas.results.search import SearchStory
from edge_nas.search.publishing import front_of, story_of


def _story(name: str = "numbers") -> SearchStory:
    return story_of(found(), name=name, heading="mIoU", dataset_sha256="d" * 64, seed=0)


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("</style>")[1]))


def test_front_plots_and_reasons_are_on_the_page() -> None:
    story = _story()
    page = render_search(story, front_of(story))
    text = _text(page)
    assert page.count('<svg class="plot"') == 4  # the score against three costs, and the rungs
    assert "2 0.900 3,010" in text
    assert "instructions up to 4,500 (asked for), flash up to 1,048,576 bytes (flash of nrf52840)" in text
    assert "instructions counted 4,600, allowed 4,500 (asked for)" in text
    assert "numbers: number 4 instructions counted" in text
    # Rung of 1 epoch: trainings, those that went on, those without a score, best, correlation over how many.
    assert "1 5 3 1 0.900 +1.00 3" in text
    assert "3,000 3,010 -0.33 %" in text


def test_a_page_is_the_same_again_and_offline() -> None:
    story = _story()
    page = render_search(story, front_of(story))
    assert page == render_search(_story(), front_of(_story()))
    assert not re.search(r'(?:src|href)="(?!#)', page)


def test_names_are_no_markup() -> None:
    story = _story("<script>alert(1)</script>")
    assert "<script>" not in render_search(story, front_of(story))


def test_an_empty_front_says_so() -> None:
    story = _story()
    nothing = tuple(each.model_copy(update={"id": None, "why_not": "too slow"}) for each in story.placements)
    page = render_search(story.model_copy(update={"placements": nothing}), Front(networks=()))
    assert "No finished network can be returned" in page
    assert f"<h3>{BOARD}" in page


def test_ids_that_would_cover_each_other_are_left_to_the_table() -> None:
    story = _story()
    networks = tuple(
        FrontNetwork(
            id=number, board=BOARD, score=score, instructions=instructions, flash_bytes=9, ram_bytes=9, model="m"
        )
        for number, score, instructions in ((71, 0.900, 1000), (72, 0.901, 1010), (73, 0.95, 3000))
    )
    page = render_search(story, Front(networks=networks))
    written = re.findall(r"<text[^>]*>([^<]*)</text>", _plot(page))
    assert [each for each in written if each in ("71", "72", "73")] == ["73", "72"]


def test_what_is_far_over_a_limit_is_out_of_view_and_said_so() -> None:
    story = _story()
    over = next(final for final in story.finals if final.counted[CORE].instructions > 4500)
    far = over.model_copy(update={"counted": {CORE: over.counted[CORE].model_copy(update={"instructions": 90_000})}})
    finals = tuple(far if final is over else final for final in story.finals)
    page = render_search(story.model_copy(update={"finals": finals}), front_of(story))
    assert "1 farther to the right" in _plot(page)
    assert "farther to the right" not in render_search(story, front_of(story))
    # As wide as without it: the same ticks.
    ticks = [re.findall(r">(0\.\d+)</text>", _plot(each)) for each in (page, render_search(story, front_of(story)))]
    assert ticks[0] == ticks[1] != []


def test_a_limit_is_in_the_legend_where_it_is_drawn() -> None:
    story = _story()
    page = render_search(story, front_of(story))
    assert page.count("</span>limit</span>") == 1, "flash and SRAM of the board are far off"


def test_entries_of_several_boards_are_no_networks() -> None:
    story = _story()
    several = story.model_copy(update={"boards": (*story.boards, story.boards[0].model_copy(update={"board": "b"}))})
    text = _text(render_search(several, front_of(story)))
    assert "Entries of all fronts 2 of 3 finished networks, 2 boards" in text
    assert "Networks on the front 2 of 3 finished" in _text(render_search(story, front_of(story)))


def test_what_was_narrowed_was_not_thrown_out() -> None:
    """Of candidates 2 to 4, which were trained, 3 and 2 are finished; what is finished beside them is made of 4."""
    story = _story()
    legend = ("was finished", "was narrowed, and that finished", "was thrown out", "var(--orange)")
    plain = render_search(story, front_of(story)).split('<section id="trainings">')[1]
    assert [each in plain for each in legend] == [True, False, True, False]
    whole = next(each for each in story.candidates if each.described.endswith("number 4"))
    narrowed = whole.model_copy(update={"key": "n", "described": "narrowed", "made_of": whole.key})
    finals = tuple(
        final.model_copy(update={"candidate": "n"}) if final.candidate == whole.key else final for final in story.finals
    )
    update = {"finals": finals, "candidates": (*story.candidates, narrowed)}
    page = render_search(story.model_copy(update=update), front_of(story)).split('<section id="trainings">')[1]
    assert [each in page for each in legend] == [True, True, True, True]


def _plot(page: str) -> str:
    return next(svg for svg in page.split("<svg")[1:] if "against instructions" in svg)
