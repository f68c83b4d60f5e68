"""The documentation as a site: no warning, no page without a place in it, and nobody asked for anything."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser

from tools.pictures import IMAGES, PICTURES

ROOT = Path(__file__).parents[2]


NARROW = 390  # pixels: a telephone
LOOKED_AT = ("index", "install", "quickstart", "gallery", "settings", "troubleshooting", "ci", "reference/commands")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of the site, built without a warning."""
    pytest.importorskip("material")
    folder = tmp_path_factory.mktemp("site")
    # Not --quiet: that leaves warnings out of what --strict counts.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.skipif(CHROMIUM is None, reason="needs a browser: apt-get install chromium")
def test_no_page_is_wider_than_a_telephone(site: Path) -> None:
    with Browser() as browser:
        for name in LOOKED_AT:
            page = browser.open(site / f"{name}.html", width=NARROW)
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, name
            assert page.complaints == [], name
            assert all(request.startswith(("file:", "data:", "blob:")) for request in page.requests), name


def test_the_site_asks_nobody(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    for page in pages:
        html = site / (page if page.name != "README.html" else page.with_name("index.html"))
        text = html.read_text(encoding="utf-8")
        assert re.findall(r'(?:src|<link[^>]*href)="(?:https?:)?//[^"]*', text) == []


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_current(name: str) -> None:
    assert (IMAGES / f"{name}.svg").read_text(encoding="utf-8") == PICTURES[name](), "run: python -m tools.pictures"
