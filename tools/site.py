"""Hooks of mkdocs: links that leave docs/ become the path of a file of the repository, which the site does not show."""

import re
from typing import Any

_OUTWARD = re.compile(r"\[([^\]]+)\]\((?:\.\./)+([^)#]+)(?:#[^)]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Returns the text of a page with its outward links as text; those between pages of docs/ stay."""
    inside = page.file.src_uri.count("/")
    return _OUTWARD.sub(lambda link: link[0] if _stays(link[0], inside) else _as_text(link[1], link[2]), markdown)


def _as_text(label: str, path: str) -> str:
    """Returns a link's label with the path behind it, or the path alone where the label is no more than that."""
    return f"`{path}`" if label.strip("`").rstrip("/") == path.rstrip("/") else f"{label} (`{path}`)"


def _stays(link: str, inside: int) -> bool:
    """Returns whether a link goes up no further than to docs/ itself."""
    return link.count("../") <= inside
