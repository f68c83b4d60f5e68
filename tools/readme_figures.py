"""Writes the README's summary table and picture from a finished build of the built-in data set.

    python -m tools.readme_figures runs/terrain_48x64

Only a build on the built-in terrain is accepted: images of other data sets may not be ours to show.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from edge_nas.core.atomic import write_text
from edge_nas.data.loader import load_dataset
from edge_nas.errors import ConfigError
from edge_nas.results.result import Result
from edge_nas.runs.folder import read_config
from edge_nas.runtimes.by_suffix import open_runtime
from edge_nas.tasks.overlay import tinted

ROOT = Path(__file__).resolve().parents[1]
BEGIN = "<!-- summary: begin, written by tools/readme_figures.py -->"
END = "<!-- summary: end -->"
COLUMNS, ZOOM, GAP = 8, 2, 4


def main() -> None:
    """Rewrites README.md between its markers, and docs/images/overlays.png."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument(
        "--keep-time", action="store_true", help="the build ran beside other work: leave the time as it is"
    )
    options = parser.parse_args()
    run = options.run
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    shown, _, after = rest.partition(END)
    result = Result.read(run / "result.json")
    time = shown.strip().splitlines()[-1] if options.keep_time else _time(result)
    table = f"{summary(result)}\n\n{time}"
    write_text(readme, f"{before}{BEGIN}\n{table}\n{END}{after}")
    picture(run).save(ROOT / "docs/images/overlays.png", optimize=True)


def summary(result: Result) -> str:
    """Returns a Markdown table of the networks of a build and of what they cost."""
    scores, trained, deployed = result.evaluation, result.cost.trained, result.cost.deployed
    if scores.baselines is None or trained is None or deployed is None:
        raise ConfigError("the run is not finished; build it first")
    before = f"{trained.params:,} | {trained.macs / 1e6:.2f} M | | {trained.peak_ram_bytes or 0:,}"
    after = (
        f"{deployed.params:,} | {deployed.macs / 1e6:.2f} M | {deployed.flash_bytes:,} | {deployed.peak_ram_bytes:,}"
    )
    none = " | | | "
    rows = [
        ("mean training mask", scores.baselines["mean_mask"], none),
        ("trained, float", scores.trained, before),
        ("half of the channels removed, repaired, not trained since", scores.repaired, none),
        ("fine-tuned, float", scores.pruned, none),
        ("**int8, as shipped**", scores.int8, after),
    ]
    lines = [
        f"| mIoU on {scores.split} | | params | MACs | .tflite bytes | its tensors at once, bytes |",
        "|---|---|---|---|---|---|",
    ]
    for name, metrics, cost in rows:
        miou = None if metrics is None else metrics.primary
        lines.append(f"| {name} | {'' if miou is None else f'{100 * miou:.1f}'} | {cost} |")
    if any(core.bytes_equal for core in result.cores.values()):
        lines += ["", "The same int8 network as generated C, every byte equal to the reference kernels:", ""]
        lines += ["| core | instructions | flash bytes | RAM bytes | stack bytes |", "|---|---|---|---|---|"]
    for name, core in result.cores.items():
        if core.bytes_equal:
            lines.append(
                f"| {name} | {core.instructions:,} | {core.flash_bytes:,} | {core.ram_bytes:,} | {core.stack_bytes:,} |"
            )
    return "\n".join(lines)


def _time(result: Result) -> str:
    return f"The stages took {sum(stage.seconds for stage in result.stages.values()):.0f} seconds together."


def picture(run: Path) -> Image.Image:
    """Returns rows of images, of their masks, and of what the shipped int8 network says."""
    config = read_config(run)
    if config.data.source != "terrain":
        raise ConfigError(f"{run} was built on {config.data.phrase}; the README shows the built-in terrain only")
    _, images = load_dataset(config.data).reported
    chosen = np.linspace(0, len(images) - 1, COLUMNS).round().astype(int)
    pixels, inputs = images.images[chosen], images.inputs(chosen)
    logits = open_runtime(run / "artifacts/model.tflite", reference=True).run(inputs)
    rows = [
        list(pixels),
        [tinted(image, mask > 0) for image, mask in zip(pixels, images.masks[chosen], strict=True)],
        [tinted(image, mask[..., 0] > 0) for image, mask in zip(pixels, logits, strict=True)],
    ]
    return Image.fromarray(np.concatenate([_row(row) for row in rows]))


def _row(images: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    zoomed = [image.repeat(ZOOM, axis=0).repeat(ZOOM, axis=1) for image in images]
    padded = [np.pad(image, ((0, GAP), (0, GAP), (0, 0)), constant_values=255) for image in zoomed]
    return np.concatenate(padded, axis=1)


if __name__ == "__main__":
    main()
