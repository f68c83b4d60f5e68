"""From `data.scale`, `data.sensor_range` and the training samples to the one formula that every stage uses.

    scale: [-1, 1]                                 # what the ends of the stored type become: bytes 0 and 255
    scale: [-1, 1]   sensor_range: [-2048, 2047]   # what these two sensor values become
    scale: standard                                # mean 0 and deviation 1 of each channel over the training samples
    scale: none                                    # values are network inputs
    scale: null                                    # bytes as [-1, 1], other integers standard, floats none

Of signed integers the ends are -2^(bits-1) and 2^(bits-1), so that 0 stays in the middle: int16 to [-1, 1] is a
division by 32,768, as for audio.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.core.config.data import DataSpec
from edge_nas.core.preprocessing import AS_THEY_ARE, Preprocessing
from edge_nas.data.dataset import Dataset
from edge_nas.errors import ConfigError

_SMALL, _LARGE = 0.02, 20.0
"""Root mean square of inputs below and above which training seldom goes well; a choice, with room on both sides."""


def preprocessing_of(spec: DataSpec, samples: npt.NDArray[Any]) -> Preprocessing:
    """Returns the formula of a data set.

    Args:
        spec: `scale` and `sensor_range`.
        samples: of training, (N, ...).

    Raises:
        ConfigError: settings that contradict each other, or need a range that floats do not have.
    """
    scale = spec.scale if spec.scale is not None else _usual(spec, samples.dtype)
    if isinstance(scale, tuple):
        return _between(scale, spec.sensor_range or _range_of(samples.dtype))
    return AS_THEY_ARE if scale == "none" else _standard(samples)


def scale_caution(dataset: Dataset) -> str | None:
    """Returns what to be careful about where inputs are taken as they are and hardly suit a network; else None."""
    if dataset.format.preprocessing != AS_THEY_ARE:
        return None
    mean, deviation = float(dataset.train.images.mean()), float(dataset.train.images.std())
    size = math.hypot(mean, deviation)
    if _SMALL < size < _LARGE:
        return None
    return (
        f"Samples are fed to the network as they are, with mean {mean:.3g} and deviation {deviation:.3g}: weights are "
        "drawn for inputs of about 1. data.scale=standard scales them."
    )


def _usual(spec: DataSpec, dtype: np.dtype[Any]) -> tuple[float, float] | str:
    """Returns the scale of a data set whose configuration names none."""
    if dtype == np.uint8 or spec.sensor_range is not None:
        return (-1.0, 1.0)
    return "none" if dtype.kind == "f" else "standard"


def _range_of(dtype: np.dtype[Any]) -> tuple[float, float]:
    if dtype.kind == "f":
        raise ConfigError(
            f"data.scale is a range, but samples are {dtype}, which has none of its own: name two sensor values with "
            "data.sensor_range=[LOW, HIGH], or set data.scale=standard or none"
        )
    limits = np.iinfo(dtype)
    return (float(limits.min), float(limits.max) if limits.min == 0 else -float(limits.min))


def _between(inputs: tuple[float, float], values: tuple[float, float]) -> Preprocessing:
    """Returns the formula that makes the two network inputs of the two sensor values."""
    divisor = (values[1] - values[0]) / (inputs[1] - inputs[0])
    return Preprocessing(divisor=divisor, offset=inputs[0] - values[0] / divisor)


def _standard(samples: npt.NDArray[Any]) -> Preprocessing:
    """Returns the formula after which each channel has mean 0 and deviation 1; one that never varies becomes 0.

    Factors are float32 already: what a file stores of them is what is computed with.
    """
    others = tuple(range(samples.ndim - 1))
    mean = samples.mean(axis=others, dtype=np.float64)
    deviation = samples.std(axis=others, dtype=np.float64)
    divisor = np.where(deviation > 0, deviation, 1.0).astype(np.float32)
    offset = (-mean / divisor).astype(np.float32)
    return Preprocessing(divisor=tuple(divisor.tolist()), offset=tuple(offset.tolist()))
