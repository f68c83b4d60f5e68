"""The one formula from sensor values to network inputs, from which training, runtimes and firmware take theirs."""

from typing import TYPE_CHECKING, Any

from edge_nas.core.frozen import Frozen

if TYPE_CHECKING:  # configurations are checked, and help is shown, without numpy
    import numpy as np
    import numpy.typing as npt

Factors = float | tuple[float, ...]
"""One number for all channels, or one for each entry of a sample's last axis."""


class Preprocessing(Frozen):
    """x = value / divisor + offset in float32; with the defaults uint8 pixels in [0, 255] become [-1, 1].

    Divisors are above 0, so that a larger value never gives a smaller input.
    """

    divisor: Factors = 127.5
    offset: Factors = -1.0

    @property
    def by_channel(self) -> bool:
        """Whether channels have factors of their own."""
        return isinstance(self.divisor, tuple) or isinstance(self.offset, tuple)

    def apply(self, values: "npt.NDArray[Any]") -> "npt.NDArray[np.float32]":
        """Returns network inputs, float32, for values of any shape; the last axis is that of channels."""
        import numpy as np

        divisor, offset = np.asarray(self.divisor, np.float32), np.asarray(self.offset, np.float32)
        return (values.astype(np.float32) / divisor + offset).astype(np.float32)


PIXELS = Preprocessing()
"""Of bytes about which nothing else is said: [0, 255] to [-1, 1]."""
AS_THEY_ARE = Preprocessing(divisor=1.0, offset=0.0)
"""Of values that a network takes as they are."""
