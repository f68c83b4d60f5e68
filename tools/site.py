"""Hooks of mkdocs: design notes are listed, and links that leave docs/ become paths of files, which the site lacks."""

import re
from pathlib import Path
from typing import Any

_OUTWARD = re.compile(r"\[([^\]]+)\]\((?:\.\./)+([^)#]+)(?:#[^)]*)?\)")

_DECISIONS = "Decisions"


def on_config(config: Any) -> Any:
    """Gives the last heading of the navigation its pages: every design note, in their order."""
    docs = Path(config["docs_dir"])
    notes = sorted(path.relative_to(docs).as_posix() for path in (docs / "design").glob("*.md"))
    # README.md, which lists them, comes first.
    config["nav"].append({_DECISIONS: sorted(notes, key=lambda name: not name.endswith("README.md"))})
    return config


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
