"""The built-in signals: windows of an accelerometer that somebody carries, and what they are doing.

A window is 128 moments at 50 Hz of three axes in int16, 8,192 to the g, as a sensor set to +-4 g gives them. The device
lies in a pocket anyhow: gravity and movement are turned together by a random rotation, so that neither an axis nor its
mean says anything. Rates and strengths of walking, climbing and cycling overlap; what tells them apart is the shape of
a step.
"""

from typing import ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from edge_nas.core.arrays import Array, Samples
from edge_nas.data.procedural import DrawnSource, DrawnSpec, draw_splits
from edge_nas.data.splits import SourceSplits
from edge_nas.tasks import Task

MOMENTS, AXES = 128, 3
_RATE_HZ = 50.0
_PER_G = 8192.0


class _Movement(NamedTuple):
    """How somebody moves: ranges of the rate of steps in Hz and of their strength in g, and what a step is like.

    `harmonics`: strengths of the rate and its multiples up and down; `sway`: strength from side to side, at half the
    rate, and forwards, at the rate; `shake`: deviation of what is random from moment to moment, in g.
    """

    rate: tuple[float, float]
    strength: tuple[float, float]
    harmonics: tuple[float, ...]
    sway: tuple[float, float]
    shake: tuple[float, float]


_MOVEMENTS = {
    "rest": _Movement((0.1, 0.4), (0.0, 0.06), (1.0,), (0.5, 0.5), (0.01, 0.06)),
    "walk": _Movement((1.5, 2.2), (0.15, 0.5), (1.0, 0.55, 0.2), (0.4, 0.5), (0.02, 0.12)),
    "climb": _Movement((1.2, 1.9), (0.15, 0.5), (1.0, 0.25, 0.45, 0.2), (0.5, 0.25), (0.02, 0.12)),
    "run": _Movement((2.1, 3.2), (0.45, 1.4), (1.0, 0.4, 0.15), (0.2, 0.5), (0.05, 0.2)),
    "cycle": _Movement((1.0, 1.8), (0.08, 0.35), (1.0, 0.1), (0.15, 0.9), (0.05, 0.2)),
    "drive": _Movement((0.3, 1.5), (0.02, 0.15), (1.0, 0.6), (0.6, 0.4), (0.04, 0.2)),
}
CLASSES = tuple(_MOVEMENTS)


class MotionSource(DrawnSource):
    """Procedural windows of an accelerometer, no files: what somebody who carries it is doing."""

    phrase: ClassVar[str] = "the built-in accelerometer windows"

    source: Literal["motion"] = Field(default="motion", description="procedural accelerometer windows, no files")
    input_shape: tuple[Literal[128], Literal[3]] = Field(  # type: ignore[assignment]  # of one shape only
        default=(MOMENTS, AXES), description="moments and axes of a window"
    )
    motion: DrawnSpec = Field(default=DrawnSpec(), description="how many windows, and their seed")

    def read_splits(self, task: type[Task]) -> SourceSplits:  # noqa: ARG002 - all such tasks have the same labels
        """Returns the windows."""
        return draw_splits(self.motion, CLASSES, draw_window, self.phrase)


def draw_window(rng: np.random.Generator, label: int) -> Samples:
    """Returns a window (128, 3) int16 of somebody who moves as the class says."""
    movement = _MOVEMENTS[CLASSES[label]]
    rate, strength = rng.uniform(*movement.rate), rng.uniform(*movement.strength)
    # Nobody steps like a clock: the rate wanders by a few per cent, and with it all that follows from it.
    pace = 1.0 + 0.06 * np.cumsum(rng.standard_normal(MOMENTS)) / np.sqrt(MOMENTS)
    phase = 2 * np.pi * (rng.uniform() + np.cumsum(rate * pace) / _RATE_HZ)
    up = _steps(phase, movement.harmonics, rng)
    side = movement.sway[0] * np.sin(phase / 2 + rng.uniform(0, 2 * np.pi))
    forwards = movement.sway[1] * np.sin(phase + rng.uniform(0, 2 * np.pi))
    body = strength * np.stack([side, forwards, up], axis=1) + [0.0, 0.0, 1.0]
    body = body + rng.uniform(*movement.shake) * _rough(rng)
    sensed = body @ _rotation(rng).T * rng.uniform(0.97, 1.03, AXES) + rng.normal(0.0, 0.02, AXES)
    limits = np.iinfo(np.int16)
    return np.clip(np.rint(sensed * _PER_G), limits.min, limits.max).astype(np.int16)


def _steps(phase: Array, harmonics: tuple[float, ...], rng: np.random.Generator) -> Array:
    """Returns the movement up and down, (t,): multiples of the rate, each a little stronger or weaker than usual."""
    multiples = np.arange(1, len(harmonics) + 1)
    strengths = np.array(harmonics) * rng.uniform(0.6, 1.4, len(harmonics))
    lags = 0.7 * multiples + rng.normal(0.0, 0.4, len(harmonics))
    waves: Array = np.sin(phase[:, np.newaxis] * multiples + lags) @ strengths
    return waves


def _rough(rng: np.random.Generator) -> Array:
    """Returns noise (t, 3) of deviation 1 that is partly smooth: cloth, roads, engines."""
    white = rng.standard_normal((MOMENTS + 4, AXES))
    share = rng.uniform(0.0, 0.7)
    smooth = np.stack([white[lag : lag + MOMENTS] for lag in range(5)]).mean(axis=0) * np.sqrt(5)
    rough: Array = np.sqrt(1 - share) * white[:MOMENTS] + np.sqrt(share) * smooth
    return rough


def _rotation(rng: np.random.Generator) -> Array:
    """Returns a rotation (3, 3), all alike likely (Shoemake 1992, Uniform Random Rotations: a random quaternion)."""
    quaternion = rng.standard_normal(4)
    w, x, y, z = quaternion / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
