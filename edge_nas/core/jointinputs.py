"""Inputs of networks with one input or several, counted and sliced alike.

inputs = JointInputs([pictures, numbers])     # (N, H, W, C) and (N, F)
network(fed(inputs[:32]))
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Inputs
from edge_nas.errors import DataError


class JointInputs:
    """One array (N, ...) float32 for each input of a network, in their order; what indexes it indexes each.

    Raises:
        DataError: they hold different numbers of samples.
    """

    def __init__(self, arrays: Sequence[Inputs]) -> None:
        counts = {len(array) for array in arrays}
        if len(counts) != 1:
            raise DataError(f"the inputs of one network hold {sorted(counts)} samples; give as many of each")
        self.arrays = tuple(arrays)

    def __len__(self) -> int:
        """Returns how many samples there are."""
        return len(self.arrays[0])

    def __getitem__(self, samples: slice | npt.NDArray[Any]) -> "JointInputs":
        """Returns some of the samples."""
        return JointInputs([array[samples] for array in self.arrays])


NetworkInputs = Inputs | JointInputs
"""What a network is given: (N, ...) of one input, or `JointInputs` of several."""


def arrays_of(inputs: NetworkInputs) -> tuple[Inputs, ...]:
    """Returns the array of each input."""
    return inputs.arrays if isinstance(inputs, JointInputs) else (inputs,)


def fed(inputs: NetworkInputs) -> Any:
    """Returns inputs as a Keras network takes them: an array, or a list of arrays."""
    return list(inputs.arrays) if isinstance(inputs, JointInputs) else inputs


def are_finite(inputs: NetworkInputs) -> bool:
    """Returns whether no value is NaN or infinite."""
    return all(bool(np.isfinite(array).all()) for array in arrays_of(inputs))
