"""Hooks of mkdocs: links that leave docs/ become the path of a file of the repository, which the site does not show."""

import re
from typing import Any

_OUTWARD = re.compile(r"\[([^\]]+)\]\((?:\.\./)+([^)#]+)(?:#[^)]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Returns the text of a page with its outward links as text; those between pages of docs/ stay."""
    inside = page.file.src_uri.count("/")
    return _OUTWARD.sub(lambda link: link[0] if _stays(link[0], inside) else f"{link[1]} (`{link[2]}`)", markdown)


def _stays(link: str, inside: int) -> bool:
    """Returns whether a link goes up no further than to docs/ itself."""
    return link.count("../") <= inside
