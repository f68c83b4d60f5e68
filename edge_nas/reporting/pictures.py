"""The samples that the shipped int8 file answers best and worst, drawn as their task says."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from edge_nas.data.dataset import ImageSet
from edge_nas.evaluation.evaluate import evaluate_split
from edge_nas.reporting.drawing import drawn
from edge_nas.results.scores import AnyReport, Split
from edge_nas.runs.progress import Progress
from edge_nas.runtimes.by_suffix import open_runtime

SHOWN = 4


@dataclass(frozen=True)
class Sample:
    """One sample of the split: its name, how it was answered, and pictures of it as data URIs, of one size."""

    name: str
    group: str | None
    caption: str
    pictures: dict[str, str]
    width: int
    height: int


@dataclass(frozen=True)
class Samples:
    """Best and worst samples, the extreme ones first, and the scores of all samples of the split."""

    best: tuple[Sample, ...]
    worst: tuple[Sample, ...]
    report: AnyReport


def samples(path: Path, split: Split, images: ImageSet, progress: Progress) -> Samples:
    """Returns the images that are answered best and worst, `SHOWN` of each or half of a small split.

    Args:
        path: the .tflite file, run on the reference kernels.
        split: what the images are called in the report.
        images: the split, at the file's input size.
        progress: told how many images are done.

    Raises:
        ArtifactError: the file cannot be opened or run.
    """
    outputs, report = _outputs(path, split, images, progress)
    task = images.task
    quality = task.quality(outputs, images.labels)
    order = sorted(range(len(images)), key=lambda index: (-quality[index], index))
    best = order[: min(SHOWN, (len(order) + 1) // 2)]
    worst = order[::-1][: min(SHOWN, len(order) // 2)]

    def sample(index: int) -> Sample:
        group = images.groups[index] if images.groups is not None else None
        label, output = images.labels[index], outputs[index]
        picture = drawn(images.images[index], images.format)
        uris = {name: data_uri(pixels) for name, pixels in task.pictures(picture, label, output).items()}
        height, width = picture.shape[:2]
        return Sample(images.names[index], group, task.caption(label, output), uris, width, height)

    return Samples(
        best=tuple(map(sample, best)),
        worst=tuple(map(sample, worst)),
        report=report,
    )


def _outputs(
    path: Path, split: Split, images: ImageSet, progress: Progress
) -> tuple[npt.NDArray[np.float32], AnyReport]:
    """Returns the file's outputs (N, ...), and their scores."""
    runtime, parts = open_runtime(path, reference=True), []
    what = f"{images.task.report_text.outputs} of the shipped int8 file"

    def run(inputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        parts.append(runtime.run(inputs))
        progress.tick(what, sum(map(len, parts)), len(images))
        return parts[-1]

    report = evaluate_split(run, images, split)
    return np.concatenate(parts), report


def data_uri(pixels: npt.NDArray[np.uint8]) -> str:
    """Returns (H, W, 3) uint8 as a PNG of that size, in a URI that needs no file."""
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode('ascii')}"
