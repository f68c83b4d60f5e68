"""Which of the known names somebody probably meant: "did you mean", in one place."""

import difflib
from collections.abc import Iterable


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Returns the known name that is most like `name`; None where none is much like it (difflib's ratio below 0.6)."""
    near = difflib.get_close_matches(name, list(known), 1)
    return near[0] if near else None


def did_you_mean(nearest: str | None) -> str:
    """Returns the end of a message, "; did you mean 'x'?", or "" where nothing is near."""
    return "" if nearest is None else f"; did you mean {nearest!r}?"
