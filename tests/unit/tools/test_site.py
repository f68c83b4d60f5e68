"""What becomes of links when the pages are a site."""

from types import SimpleNamespace

import pytest

from tools.site import on_page_markdown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see [the rules](../CONTRIBUTING.md)", "see the rules (`CONTRIBUTING.md`)"),
        ("types in [edge_nas/core](../edge_nas/core/)", "types in `edge_nas/core/`"),
        ("in [`examples/motion.py`](../examples/motion.py)", "in `examples/motion.py`"),
        ("a [page](how-to.md#boards) of docs", "a [page](how-to.md#boards) of docs"),
    ],
)
def test_a_link_out_of_the_docs_becomes_text_that_says_the_path_once(text: str, shown: str) -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri="settings.md"))
    assert on_page_markdown(text, page) == shown


def test_a_page_in_a_folder_may_link_up_to_the_docs() -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri="design/01.md"))
    assert on_page_markdown("[chip](../chip.md)", page) == "[chip](../chip.md)"
