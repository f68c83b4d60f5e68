"""The images that the shipped int8 file masks best and worst, drawn with their masks."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from edge_nas.core.preprocessing import Preprocessing
from edge_nas.core.progress import Progress
from edge_nas.core.reports import Metrics
from edge_nas.data.dataset import ImageSet
from edge_nas.evaluation.confusion import Confusion, count, metrics
from edge_nas.evaluation.overlay import mistakes, tinted
from edge_nas.runtimes.opening import open_runtime

SHOWN = 4
_BATCH = 16


@dataclass(frozen=True)
class Sample:
    """One image of the split: its name, its scores, and four pictures of it as data URIs."""

    name: str
    group: str | None
    scores: Metrics
    pictures: dict[str, str]


@dataclass(frozen=True)
class Samples:
    """Best and worst images, the extreme ones first, and the pixels counted over all images of the split."""

    best: tuple[Sample, ...]
    worst: tuple[Sample, ...]
    total: Confusion


def samples(path: Path, images: ImageSet, progress: Progress) -> Samples:
    """Returns the images with the highest and the lowest mIoU of their own, `SHOWN` of each or half of a small split.

    Args:
        path: the .tflite file, run on the reference kernels.
        images: the split, at the file's input size.
        progress: told how many images are done.

    Raises:
        ArtifactError: the file cannot be opened or run.
    """
    masks = _masks(path, images, progress)
    confusions = [count(mask, truth) for mask, truth in zip(masks, images.masks, strict=True)]
    scores = [metrics(confusion) for confusion in confusions]
    # Every image has pixels, so every image has a score.
    order = sorted(range(len(images)), key=lambda index: (-(scores[index].miou or 0.0), index))
    best = order[: min(SHOWN, (len(order) + 1) // 2)]
    worst = order[::-1][: min(SHOWN, len(order) // 2)]

    def sample(index: int) -> Sample:
        group = images.groups[index] if images.groups is not None else None
        truth = images.masks[index] > 0
        return Sample(images.names[index], group, scores[index], _pictures(images.images[index], truth, masks[index]))

    return Samples(
        best=tuple(map(sample, best)),
        worst=tuple(map(sample, worst)),
        total=sum(confusions, start=Confusion(0, 0, 0, 0)),
    )


def _masks(path: Path, images: ImageSet, progress: Progress) -> npt.NDArray[np.bool_]:
    """Returns (N, H, W): where the file's logits are above 0."""
    runtime = open_runtime(path, reference=True)
    masks = np.zeros(images.masks.shape, np.bool_)
    for start in range(0, len(images), _BATCH):
        batch = slice(start, start + _BATCH)
        masks[batch] = runtime.run(Preprocessing().apply(images.images[batch]))[..., 0] > 0
        progress.step("masks of the shipped int8 file", min(start + _BATCH, len(images)), len(images))
    return masks


def _pictures(
    image: npt.NDArray[np.uint8], truth: npt.NDArray[np.bool_], mask: npt.NDArray[np.bool_]
) -> dict[str, str]:
    return {
        "image": data_uri(image),
        "truth": data_uri(tinted(image, truth)),
        "int8": data_uri(tinted(image, mask)),
        "mistakes": data_uri(mistakes(image, mask, truth)),
    }


def data_uri(pixels: npt.NDArray[np.uint8]) -> str:
    """Returns (H, W, 3) uint8 as a PNG of that size, in a URI that needs no file."""
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode('ascii')}"
