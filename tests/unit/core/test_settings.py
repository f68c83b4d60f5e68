"""The settings page, and that there is something to say of every setting."""

from pathlib import Path

import pytest

from edge_nas.core.config import BuildConfig
from edge_nas.core.configschema import Path as Key
from edge_nas.core.configschema import dotted, setting_at
from edge_nas.core.settings import every_setting, page

SETTINGS = dict(every_setting())
DOCS = Path(__file__).parents[3] / "docs"


def test_all_are_looked_at() -> None:
    keys = {dotted(key) for key in SETTINGS}
    assert {"seed", "data.root", "data.function", "data.terrain.seed", "prune.budget.macs"} <= keys
    assert len(keys) > 100


@pytest.mark.parametrize("key", SETTINGS, ids=dotted)
def test_every_setting_says_what_it_is(key: Key) -> None:
    assert len(SETTINGS[key].get("description", "")) >= len("the C files")


@pytest.mark.parametrize("key", SETTINGS, ids=dotted)
def test_every_number_has_a_range(key: Key) -> None:
    setting = SETTINGS[key]
    for choice in (setting, *setting.get("anyOf", []), *setting.get("prefixItems", [])):
        if choice.get("type") in ("integer", "number"):
            assert {"minimum", "exclusiveMinimum", "const"} & set(choice)


def test_a_setting_without_a_description_would_be_found() -> None:
    class Bare(BuildConfig):
        bare: int = 3

    assert "description" not in setting_at(Bare.model_json_schema(), ("bare",))


def test_the_page_is_that_of_these_settings() -> None:
    stored = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert stored == page(), "run: python -m edge_nas.core.settings > docs/settings.md"


def test_every_setting_is_on_the_page_and_every_section_that_it_leads_to() -> None:
    text = page()
    for key in SETTINGS:
        assert f"| `{dotted(key)}` |" in text
    for line in text.splitlines():
        if "(#" in line:
            anchor = line.split("(#")[1].split(")")[0]
            assert anchor in {heading.removeprefix("## ").replace(".", "") for heading in text.splitlines()}


def test_defaults_are_those_of_the_build_not_of_the_type() -> None:
    assert "| `prune.fine_tune.epochs` | `20` |" in page()
    assert "| `train.epochs` | `60` |" in page()
