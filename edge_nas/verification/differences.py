"""The first byte that differs, in words."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edge_nas.errors import GateError

Codes = npt.NDArray[np.int8]


def require_equal(expected: Codes, outputs: Codes, kinds: Sequence[str], who: str) -> None:
    """Returns where all bytes are equal.

    Args:
        expected: (N, ...) int8 of the reference kernels.
        outputs: (N, ...) int8 of the program called `who`.
        kinds: what each of the N input frames is.
        who: what to call the program.

    Raises:
        GateError: a byte differs, or there are more or fewer; names frame, index, expected and seen.
    """
    expected, outputs = expected.reshape(len(expected), -1), outputs.reshape(len(outputs), -1)
    if expected.shape != outputs.shape:
        raise GateError(
            f"{who}: {outputs.shape[0]} outputs of {outputs.shape[1]} bytes, the reference kernels give "
            f"{expected.shape[0]} of {expected.shape[1]}"
        )
    differs = expected != outputs
    if not differs.any():
        return
    frame, index = np.argwhere(differs)[0].tolist()
    raise GateError(
        f"{who}: the output differs from the reference kernels, first in frame {frame} ({kinds[frame]}) at index "
        f"{index}: expected {expected[frame, index]}, seen {outputs[frame, index]}; in all {int(differs.sum())} of "
        f"{differs.size} bytes, in {int(differs.any(axis=1).sum())} of {len(differs)} frames"
    )
