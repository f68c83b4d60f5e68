"""The built-in spectrograms: words of an invented language, spoken by anybody, anywhere in a second of noise.

A sample is 49 frames of 10 bands, the logarithm of the energy in each as float32, as the front end of a keyword spotter
gives them. A word is three or four sounds; each sound has bands in which it is loud. Words are the same sounds in
another order: what is loud on the whole says nothing, and neither does a frame. Speakers differ in pitch (all bands
move), speed, loudness and care; noise has a colour of its own.
"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from edge_nas.core.arrays import Array, Samples
from edge_nas.data.procedural import DrawnSource, DrawnSpec, draw_splits
from edge_nas.data.splits import SourceSplits
from edge_nas.tasks import Task

FRAMES, BANDS = 49, 10
_SOUNDS: dict[str, tuple[tuple[float, float], ...]] = {
    # Where a sound is loud: the band, from 0 to 9, and how much, in nats.
    "a": ((2.4, 1.0), (4.2, 0.9)),
    "i": ((0.8, 1.0), (6.6, 0.8)),
    "o": ((1.6, 1.0), (3.2, 0.7)),
    "m": ((0.4, 0.8), (3.6, 0.3)),
    "s": ((7.4, 0.7), (8.8, 1.0)),
    "r": ((2.0, 0.6), (5.2, 0.6)),
}
_WORDS = ("amis", "misa", "sima", "aros", "rosa", "oras", "imor", "romi", "omir")
CLASSES = ("noise", *_WORDS)


class KeywordsSource(DrawnSource):
    """Procedural spectrograms, no files: which word of an invented language is spoken."""

    phrase: ClassVar[str] = "the built-in spectrograms"

    source: Literal["keywords"] = Field(default="keywords", description="procedural spectrograms of words, no files")
    input_shape: tuple[Literal[49], Literal[10]] = Field(  # type: ignore[assignment]  # of one shape only
        default=(FRAMES, BANDS), description="frames and bands of a spectrogram"
    )
    keywords: DrawnSpec = Field(
        default=DrawnSpec(train_samples=1200), description="how many spectrograms, and their seed"
    )

    def read_splits(self, task: type[Task]) -> SourceSplits:  # noqa: ARG002 - all such tasks have the same labels
        """Returns the spectrograms."""
        return draw_splits(self.keywords, CLASSES, draw_spectrogram, self.phrase)


def draw_spectrogram(rng: np.random.Generator, label: int) -> Samples:
    """Returns a spectrogram (49, 10) float32 of a word, or of noise alone."""
    noise = _noise(rng)
    energy = np.exp(noise)
    if label > 0:
        loudness = rng.uniform(0.8, 2.2)
        energy = energy + np.exp(noise.mean() + loudness * _speech(rng, CLASSES[label])) - np.exp(noise.mean())
    elif rng.uniform() < 0.5:  # a bang or a hum, which is no word
        frame, width = rng.uniform(5, FRAMES - 5), rng.uniform(1, 8)
        at = np.exp(-0.5 * ((np.arange(FRAMES) - frame) / width) ** 2)[:, np.newaxis]
        energy = energy + np.exp(noise.mean() + rng.uniform(1, 2.5)) * at * rng.uniform(0, 1, BANDS)
    measured = np.log(np.maximum(energy, 1e-6)) + rng.normal(0.0, 0.35, energy.shape)
    return measured.astype(np.float32)


def _noise(rng: np.random.Generator) -> Array:
    """Returns the logarithm of a room's noise, (49, 10): a level, a colour, and what wanders."""
    tilt = rng.normal(0.0, 0.6) * np.linspace(-1, 1, BANDS)
    wander = np.cumsum(rng.standard_normal((FRAMES, 1)), axis=0) / np.sqrt(FRAMES)
    rough = rng.normal(0.0, 0.2, (FRAMES, BANDS))
    noise: Array = rough + rng.uniform(-3.0, 1.0) + tilt + rng.uniform(0.0, 0.5) * wander
    return noise


def _speech(rng: np.random.Generator, word: str) -> Array:
    """Returns how loud a word is in each frame and band, (49, 10), about 1 at its loudest."""
    lengths = rng.uniform(0.6, 1.4, len(word)) * rng.uniform(5.0, 9.0)
    lengths *= min(1.0, (FRAMES - 4.0) / lengths.sum())
    start = rng.uniform(1.0, FRAMES - 1.0 - lengths.sum())
    edges = start + np.concatenate([[0.0], np.cumsum(lengths)])
    frames, bands = np.arange(FRAMES)[:, np.newaxis], np.arange(BANDS)
    higher, care = rng.normal(0.0, 0.8), rng.uniform(0.7, 2.2)
    loud = np.zeros((FRAMES, BANDS))
    for sound, begin, end in zip(word, edges[:-1], edges[1:], strict=True):
        # One sound grows out of the other: the less care, the longer.
        during = _rising((frames - begin) / care) * _rising((end - frames) / care)
        for band, level in _SOUNDS[sound]:
            centre = band + higher + rng.normal(0.0, 0.35)
            loud = loud + during * level * rng.uniform(0.7, 1.2) * np.exp(-0.5 * ((bands - centre) / 0.8) ** 2)
    return loud


def _rising(distance: Array) -> Array:
    rising: Array = 1.0 / (1.0 + np.exp(-np.clip(2.0 * distance, -30.0, 30.0)))
    return rising
