"""Class folders from a folder with masks: pictures with a good deal of foreground, and pictures with little.

    python -m benchmarks.class_folders SHARED/data/carrot_veg runs/carrot_classes

A classifier's task on real pictures, whatever data with masks is at hand. Pictures are copied as they are; groups stay
together in groups.csv, which each split has if it had one.
"""

import argparse
import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge_nas.core.atomic import make_folder
from edge_nas.data.images import mask_codes

CLASSES = ("little", "much")
_MUCH = 0.1
"""Share of a mask: of carrot_veg's tiles a little more than half have as much."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Copies the pictures of train and val."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("masked", type=Path, help="folder with train/ and val/, img/ and mask/ in each")
    parser.add_argument("out", type=Path, help="folder that is made")
    parser.add_argument("--share", type=float, default=_MUCH, help="of foreground, from which it is much")
    options = parser.parse_args(arguments)
    for split in ("train", "val"):
        counts = copy_split(options.masked / split, options.out / split, options.share)
        print(f"{split}: {', '.join(f'{name} {count}' for name, count in counts.items())}")


def copy_split(masked: Path, out: Path, share: float) -> dict[str, int]:
    """Returns how many pictures each class has, once they are copied.

    Args:
        masked: folder with img/ and mask/.
        out: gets a folder for each class.
        share: of foreground, from which it is much.

    Raises:
        FileExistsError: `out` is there.
    """
    out.mkdir(parents=True)
    classes: dict[str, str] = {}
    for picture in sorted((masked / "img").iterdir()):
        mask = mask_codes(masked / "mask" / f"{picture.stem}.png")
        classes[picture.stem] = CLASSES[int(np.mean(mask != 0) >= share)]
        target = out / classes[picture.stem]
        make_folder(target)
        shutil.copyfile(picture, target / picture.name)
    groups = masked / "groups.csv"
    if groups.is_file():
        _write_groups(groups, classes, out / groups.name)
    return {name: list(classes.values()).count(name) for name in CLASSES}


def _write_groups(groups: Path, classes: dict[str, str], out: Path) -> None:
    """Writes the groups of pictures by their names in class folders."""
    with groups.open(newline="") as file:
        rows = list(csv.reader(file))
    with out.open("w", newline="") as file:
        writer = csv.writer(file)
        for name, group in rows:
            stem = Path(name).stem
            writer.writerow([f"{classes[stem]}/{stem}" if stem in classes else name, group])


if __name__ == "__main__":
    main()
