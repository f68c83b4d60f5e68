"""The first byte that differs, in words."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.errors import GateError


class DifferenceError(GateError):
    """A byte differs; `frame` is the first frame that has one."""

    def __init__(self, message: str, frame: int) -> None:
        super().__init__(message)
        self.frame = frame


Stored = npt.NDArray[Any]


def require_all_equal(expected: Sequence[Stored], outputs: Stored, kinds: Sequence[str], who: str) -> None:
    """Returns where all bytes of all outputs are equal.

    Args:
        expected: (N, ...) of the reference kernels for each output.
        outputs: (N, bytes) int8 of the program: all outputs of a frame, one after the other.
        kinds: see `require_equal`.
        who: see `require_equal`.

    Raises:
        GateError: see `require_equal`; of several outputs it names which.
    """
    if len(expected) == 1:
        require_equal(expected[0], outputs, kinds, who)
        return
    sizes = [values[0].nbytes for values in expected]
    if outputs.shape[1] != sum(sizes):
        raise GateError(f"{who}: outputs of {outputs.shape[1]} bytes, the reference kernels give {sum(sizes)}")
    parts = np.split(outputs, np.cumsum(sizes)[:-1], axis=1)
    for number, (values, part) in enumerate(zip(expected, parts, strict=True)):
        require_equal(values, part, kinds, f"{who}: output {number}")


def require_equal(expected: Stored, outputs: Stored, kinds: Sequence[str], who: str) -> None:
    """Returns where all bytes are equal.

    Args:
        expected: (N, ...) of the reference kernels, of the file's dtype.
        outputs: (N, ...) of the program called `who`, of that dtype, or (N, bytes) int8 of the same numbers.
        kinds: what each of the N input frames is.
        who: what to call the program.

    Raises:
        DifferenceError: a byte differs; names frame, index, expected and seen.
        GateError: there are more or fewer bytes.
    """
    wanted, seen = _bytes(expected), _bytes(outputs)
    if wanted.shape != seen.shape:
        raise GateError(
            f"{who}: {seen.shape[0]} outputs of {seen.shape[1]} bytes, the reference kernels give "
            f"{wanted.shape[0]} of {wanted.shape[1]}"
        )
    differs = (wanted != seen).reshape(len(wanted), -1, expected.itemsize).any(axis=2)
    expected, outputs = wanted.view(expected.dtype), seen.view(expected.dtype)
    if not differs.any():
        return
    frame, index = np.argwhere(differs)[0].tolist()
    unit = "bytes" if expected.itemsize == 1 else "numbers"
    raise DifferenceError(
        f"{who}: the output differs from the reference kernels, first in frame {frame} ({kinds[frame]}) at index "
        f"{index}: expected {expected[frame, index]}, seen {outputs[frame, index]}; in all {int(differs.sum())} of "
        f"{differs.size} {unit}, in {int(differs.any(axis=1).sum())} of {len(differs)} frames",
        frame,
    )


def _bytes(outputs: Stored) -> npt.NDArray[np.uint8]:
    """Returns outputs (N, ...) as (N, bytes)."""
    return np.ascontiguousarray(outputs).reshape(len(outputs), -1).view(np.uint8)
