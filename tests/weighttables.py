"""Generated C with a wrong weight, for tests of what has to notice it."""

import re

_FIRST_WEIGHT = re.compile(r"(static const int(?:8|16)_t \w+_weights\[\d+\][^{;]*\{\s*)(-?\d+)")


def with_flipped_weights(text: str) -> str:
    """Returns a C source with the first weight of every table changed, whichever instruction set the table is for."""
    flipped, count = _FIRST_WEIGHT.subn(lambda match: f"{match[1]}{-1 - int(match[2])}", text)
    assert count > 0, "the source has no table of weights"
    return flipped
