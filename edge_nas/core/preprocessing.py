"""The one pixel formula, from which training, runtimes and firmware take theirs."""

import numpy as np
import numpy.typing as npt

from edge_nas.core.frozen import Frozen


class Preprocessing(Frozen):
    """x = pixel / divisor + offset: uint8 pixels in [0, 255] to float32 in [-1, 1] with the defaults."""

    divisor: float = 127.5
    offset: float = -1.0

    def apply(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Returns the network input, float32, for uint8 pixels of any shape."""
        return (pixels.astype(np.float32) / np.float32(self.divisor) + np.float32(self.offset)).astype(np.float32)
