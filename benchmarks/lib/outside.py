"""The networks of others that are tried, the MLPerf Tiny reference models, and how calibration inputs are made."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import dequantize

_SEED = 0

Inputs = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Outside:
    """A network, its file, and how inputs are made: of a folder and a number of them, (N, ...) float32."""

    name: str
    file: str
    inputs: Callable[[Path, int], Inputs]


def blots(size: int, largest: float) -> Callable[[Path, int], Inputs]:
    """Returns random images of soft blots from 0 to `largest`: a 6x6 grid of colours, enlarged, with some noise."""

    def make(_folder: Path, count: int) -> Inputs:
        generator = np.random.default_rng(_SEED)
        coarse = generator.uniform(0.0, 1.0, (count, 6, 6, 3))
        place = np.linspace(0.0, 4.999, size)
        low, share = place.astype(int), place % 1.0
        rows = coarse[:, low] * (1 - share)[:, None, None] + coarse[:, low + 1] * share[:, None, None]
        soft = rows[:, :, low] * (1 - share)[:, None] + rows[:, :, low + 1] * share[:, None]
        noisy = np.clip(soft + generator.normal(0.0, 0.05, soft.shape), 0.0, 1.0)
        return (largest * noisy).astype(np.float32)

    return make


def sound_windows(folder: Path, count: int) -> Inputs:
    """Returns windows of five frames of the sample, log mel energies (128 bands) of one recording, evenly spread."""
    data = (folder / "samples/ad01_normal_id_01_00000000_hist_librosa.bin").read_bytes()
    frames = np.frombuffer(data, "<f4").reshape(-1, 128)
    starts = np.linspace(0, len(frames) - 5, count).astype(int)
    return np.stack([frames[start : start + 5].ravel() for start in starts])


def keyword(folder: Path, count: int) -> Inputs:
    """Returns the sample (49 frames of 10 coefficients), shifted in time and with noise; the first one as it is."""
    from edge_nas.runtimes.litert import LitertRuntime

    spec = LitertRuntime(folder / "kws_ref_model.tflite", reference=True).input_spec
    codes = np.load(folder / "samples/kws_input_int8.npy").reshape(49, 10, 1)
    sample = dequantize(codes, spec.scale or 1.0, spec.zero_point or 0)  # int8, as the file takes it
    generator = np.random.default_rng(_SEED)
    shifted = [np.roll(sample, int(shift), axis=0) for shift in generator.integers(-10, 11, count)]
    noise = generator.normal(0.0, 4.0, (count, *sample.shape))
    made = (np.stack(shifted) + noise).astype(np.float32)
    made[0] = sample
    return made


NETWORKS = (
    Outside("auto-encoder", "ad01.h5", sound_windows),
    Outside("DS-CNN", "kws_ref_model", keyword),
    Outside("ResNet8", "pretrainedResnet.h5", blots(32, 255.0)),
    Outside("MobileNetV1 0.25", "vww_96.h5", blots(96, 1.0)),
)
