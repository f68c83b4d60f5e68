"""The images that the shipped int8 file answers best and worst, drawn as their task says."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from edge_nas.core.preprocessing import Preprocessing
from edge_nas.core.progress import Progress
from edge_nas.data.dataset import ImageSet
from edge_nas.runtimes.opening import open_runtime
from edge_nas.tasks.task import Tally

SHOWN = 4
_BATCH = 16


@dataclass(frozen=True)
class Sample:
    """One image of the split: its name, how it was answered, and pictures of it as data URIs."""

    name: str
    group: str | None
    caption: str
    pictures: dict[str, str]


@dataclass(frozen=True)
class Samples:
    """Best and worst images, the extreme ones first, and the tally over all images of the split."""

    best: tuple[Sample, ...]
    worst: tuple[Sample, ...]
    total: Tally


def samples(path: Path, images: ImageSet, progress: Progress) -> Samples:
    """Returns the images that are answered best and worst, `SHOWN` of each or half of a small split.

    Args:
        path: the .tflite file, run on the reference kernels.
        images: the split, at the file's input size.
        progress: told how many images are done.

    Raises:
        ArtifactError: the file cannot be opened or run.
    """
    outputs, task = _outputs(path, images, progress), images.task
    quality = task.quality(outputs, images.labels)
    order = sorted(range(len(images)), key=lambda index: (-quality[index], index))
    best = order[: min(SHOWN, (len(order) + 1) // 2)]
    worst = order[::-1][: min(SHOWN, len(order) // 2)]

    def sample(index: int) -> Sample:
        group = images.groups[index] if images.groups is not None else None
        label, output = images.labels[index], outputs[index]
        pictures = task.pictures(images.images[index], label, output)
        drawn = {name: data_uri(pixels) for name, pixels in pictures.items()}
        return Sample(images.names[index], group, task.caption(label, output), drawn)

    return Samples(
        best=tuple(map(sample, best)),
        worst=tuple(map(sample, worst)),
        total=task.count(outputs, images.labels),
    )


def _outputs(path: Path, images: ImageSet, progress: Progress) -> npt.NDArray[np.float32]:
    """Returns the file's outputs (N, ...)."""
    runtime = open_runtime(path, reference=True)
    parts = []
    for start in range(0, len(images), _BATCH):
        parts.append(runtime.run(Preprocessing().apply(images.images[start : start + _BATCH])))
        what = f"{images.task.wording.answers} of the shipped int8 file"
        progress.step(what, min(start + _BATCH, len(images)), len(images))
    return np.concatenate(parts)


def data_uri(pixels: npt.NDArray[np.uint8]) -> str:
    """Returns (H, W, 3) uint8 as a PNG of that size, in a URI that needs no file."""
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode('ascii')}"
