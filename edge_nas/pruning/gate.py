"""The gate of surgery: a narrowed network computes what the masked one does, up to rounding."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nas.errors import GateError
from edge_nas.pruning.removal import Removal
from edge_nas.runtimes.keras import KerasRuntime

SURGERY_TOLERANCE = 1e-5
"""Relative to the largest output. The two networks add the same numbers in another order, in float32."""


class Gate(NamedTuple):
    """The largest difference between a narrowed and the masked network's outputs, and what is allowed."""

    difference: float
    allowed: float


def check_surgery(pruned: Removal, inputs: npt.NDArray[np.float32]) -> Gate:
    """Returns how far the narrowed network's outputs are from the masked network's, on inputs (N, ...).

    Raises:
        GateError: too far; names both numbers.
    """
    masked = KerasRuntime(pruned.masked).run(inputs)
    difference = float(np.max(np.abs(KerasRuntime(pruned.narrowed).run(inputs) - masked)))
    allowed = SURGERY_TOLERANCE * max(1.0, float(np.max(np.abs(masked))))
    # Not "difference > allowed": NaN is to be refused as well.
    if not difference <= allowed:
        raise GateError(
            f"surgery: the narrowed network differs from the masked one by {difference:g}, allowed {allowed:g}; "
            "a layer does not pass channels on the way its channel rule says"
        )
    return Gate(difference, allowed)
