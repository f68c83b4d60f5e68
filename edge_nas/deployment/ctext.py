"""Arrays, text and numbers as C text."""

import numpy as np
import numpy.typing as npt

_PER_LINE = 16


def integers(values: npt.NDArray[np.integer]) -> str:
    """Returns the initialiser's inside for integers of any shape, sixteen to a line, indented by four."""
    flat = [str(value) for value in values.ravel().tolist()]
    lines = (", ".join(flat[start : start + _PER_LINE]) for start in range(0, len(flat), _PER_LINE))
    return "\n".join(f"    {line}," for line in lines)


def c_string(text: str) -> str:
    """Returns a C string constant of ASCII characters that is the text in UTF-8, whatever is in it."""
    plain = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.,:+()")
    data = text.encode("utf-8", errors="backslashreplace")
    # Octal with three digits ends by itself, whatever follows; quotes, backslashes and trigraphs are octal as well.
    return '"' + "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in data) + '"'


def c_real(number: float) -> str:
    """Returns a C constant of single precision that is this number rounded to it."""
    text = f"{np.float32(number):.9g}"
    return f"{text}f" if any(mark in text for mark in ".e") else f"{text}.0f"
