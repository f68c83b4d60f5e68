"""Arrays as C text."""

import numpy as np
import numpy.typing as npt

_PER_LINE = 16


def integers(values: npt.NDArray[np.integer]) -> str:
    """Returns the initialiser's inside for integers of any shape, sixteen to a line, indented by four."""
    flat = [str(value) for value in values.ravel().tolist()]
    lines = (", ".join(flat[start : start + _PER_LINE]) for start in range(0, len(flat), _PER_LINE))
    return "\n".join(f"    {line}," for line in lines)
