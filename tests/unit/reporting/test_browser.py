"""The report in a real browser: no error, no request, nothing cut off at three widths, in light and dark."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, Browser

from edge_nas.reporting.material import Material
from edge_nas.reporting.page import render
from edge_nas.reporting.pictures import Samples
from edge_nas.reporting.summary import summarize

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no browser: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def report(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page; the variable EDGE_NAS_REPORT names one of a real build in its place, to be looked at."""
    named = os.environ.get("EDGE_NAS_REPORT")
    if named is not None:
        return Path(named)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(material, Samples(report=material.quantize.evaluation.reported, best=(), worst=())))
    return path


@pytest.mark.parametrize(("width", "dark"), [(390, False), (390, True), (820, False), (1280, True)])
def test_it_is_whole_and_silent(browser: Browser, report: Path, material: Material, width: int, dark: bool) -> None:
    page = browser.open(report, width=width, dark=dark)
    assert page.complaints == []
    assert [request for request in page.requests if not request.startswith("file:")] == []
    # Nothing makes the page itself scroll sideways, and no picture or drawing is empty.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    empty = "[...document.querySelectorAll('img, svg')].filter(x => !x.getBoundingClientRect().width).length"
    assert page.evaluate(empty) == 0
    assert page.evaluate("document.querySelectorAll('svg').length") >= 5
    # The first table is never behind a scroll bar.
    first = "document.querySelector('#summary .scroll')"
    assert page.evaluate(f"{first}.scrollWidth <= {first}.clientWidth")
    text = page.evaluate("document.body.innerText")
    for tile in summarize(material).tiles if "EDGE_NAS_REPORT" not in os.environ else ():
        assert tile.name in text
        assert tile.value in text
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") is not dark
    _keep(page, width, dark)


def test_a_click_on_a_heading_sorts(browser: Browser, report: Path) -> None:
    page = browser.open(report, width=1280)
    table = "document.querySelector('#latency table')"
    column = f"[...{table}.tBodies[0].rows].map(row => parseFloat(row.cells[5].textContent))"
    before = page.evaluate(column)
    page.evaluate(f"{table}.tHead.rows[0].cells[5].querySelector('button').click()")
    assert page.evaluate(column) == sorted(before, reverse=True)
    page.evaluate(f"{table}.tHead.rows[0].cells[5].querySelector('button').click()")
    assert page.evaluate(column) == sorted(before)
    assert page.complaints == []


def _keep(page: Any, width: int, dark: bool) -> None:
    """Writes a picture of the page into the folder that EDGE_NAS_PICTURES names, to be looked at."""
    folder = os.environ.get("EDGE_NAS_PICTURES")
    if folder is not None:
        picture = page.command("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        name = f"report_{width}{'_dark' if dark else ''}.png"
        Path(folder, name).write_bytes(base64.b64decode(picture))
