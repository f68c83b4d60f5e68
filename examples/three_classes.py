"""Soil, lane or sky? Three classes, from pictures that a function of yours makes.

python examples/three_classes.py [--quick]
"""

import sys
from pathlib import Path

import numpy as np

import edge_nas
from edge_nas.cli.lastscreen import print_last_screen


def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns pictures (N, 48, 64, 3) of a lane on soil under a sky, and their masks (N, 48, 64) of class numbers."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:48, 0:64]
    masks = np.zeros((count, 48, 64), np.uint8)
    for mask in masks:
        horizon, middle, width = rng.uniform(12, 24), rng.uniform(16, 48), rng.uniform(4, 12)
        mask[np.abs(x - middle) < width * (y - horizon) / 20] = 1
        mask[y < horizon] = 2
    colours = rng.uniform(40, 215, (count, 3, 3))
    pictures = np.stack([colours[number][mask] for number, mask in enumerate(masks)])
    return np.clip(pictures + rng.normal(0, 25, pictures.shape), 0, 255).astype(np.uint8), masks


def main(quick: bool) -> None:
    """Writes the pictures as arrays, builds, and says what came of it."""
    folder = Path("three_classes_data")
    folder.mkdir(exist_ok=True)
    for seed, (split, count) in enumerate((("train", 8 if quick else 300), ("val", 4 if quick else 60))):
        samples, labels = draw(count, seed)
        np.savez(folder / f"{split}.npz", samples=samples, labels=labels)
    settings = ["task=segmentation", "data.source=npz", f"data.root={folder}", "data.classes=[soil,lane,sky]",
                "name=three_classes", "deploy.board=nrf52840", f"train.epochs={1 if quick else 30}"]  # fmt: skip
    config, run = edge_nas.load_config(None, settings), Path("runs/three_classes")
    print_last_screen(edge_nas.build(config, run, until_stage="train" if quick else None), run)


if __name__ == "__main__":
    main("--quick" in sys.argv)
