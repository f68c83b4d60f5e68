"""What one sample of a data set is: its shape, how its values are stored, and how they become network inputs.

    (n,)       a vector: features that have no order
    (t, c)     a signal: c values at each of t moments, such as a window of an accelerometer or a spectrogram
    (h, w, c)  a picture where c is 1 (grey) or 3 (RGB) and values are bytes; else a signal of maps, h the moments

Data, training, export, the command line and the bundle for a board ask the same `SampleFormat`.
"""

from typing import Literal, get_args

from edge_nas.core.frozen import Frozen
from edge_nas.core.preprocessing import AS_THEY_ARE, PIXELS, Preprocessing

SampleDtype = Literal["uint8", "int8", "uint16", "int16", "float32"]
DTYPES: tuple[SampleDtype, ...] = get_args(SampleDtype)
PICTURE_CHANNELS = (1, 3)
MOST_AXES = 3
MOST_VALUES = 1 << 26
"""Of a sample: as float32, 256 MiB each. A network that wants more is none for the machines that this tool is for."""
SHAPES = "(n,), (t, c) or (h, w, c)"
"""The shapes that there are, for messages."""


class SampleFormat(Frozen):
    """Shape without the batch, stored dtype, and the formula to network inputs."""

    shape: tuple[int, ...]
    dtype: SampleDtype = "uint8"
    preprocessing: Preprocessing = PIXELS

    @property
    def is_picture(self) -> bool:
        """Whether people can look at it as it is: rows of pixels, grey or RGB."""
        return len(self.shape) == MOST_AXES and self.dtype == "uint8" and self.shape[-1] in PICTURE_CHANNELS

    @property
    def has_time(self) -> bool:
        """Whether the first axis is one of moments, along which a sample may be shifted."""
        return len(self.shape) > 1 and not self.is_picture

    @property
    def is_plain(self) -> bool:
        """Whether values are bytes scaled to [-1, 1], which every command takes them for where nothing else is said."""
        return self.dtype == "uint8" and self.preprocessing == PIXELS

    @property
    def noun(self) -> str:
        """What people call one of them."""
        return "image" if self.is_picture else "sample"

    @property
    def described(self) -> str:
        """Shape and dtype in words, such as "128 x 3 int16"."""
        return f"{' x '.join(map(str, self.shape))} {self.dtype}"

    @property
    def input_range(self) -> tuple[float, float] | None:
        """The least and the largest network input that values of one byte can become.

        None for wider values: a signal of 16 bits seldom fills them, and what int8 codes are spent on is better seen.
        """
        if self.dtype not in ("uint8", "int8"):
            return None
        import numpy as np

        limits = np.iinfo(self.dtype)
        channels = self.shape[-1] if self.preprocessing.by_channel else 1
        ends = np.repeat(np.array([[limits.min], [limits.max]]), channels, axis=1)
        inputs = self.preprocessing.apply(ends)
        return float(inputs.min()), float(inputs.max())


def preprocessing_in_hand(dtype: str) -> Preprocessing:
    """Returns how arrays are taken about which nothing is said: bytes as pixels, other numbers as they are."""
    return PIXELS if dtype == "uint8" else AS_THEY_ARE
