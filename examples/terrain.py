"""Where can a robot drive? Binary segmentation of drawn terrain, for a board with a Cortex-M4.

python examples/terrain.py [--quick]
"""

import sys
from pathlib import Path

import edge_nas
from edge_nas.cli.lastscreen import print_last_screen

QUICK = ["train.epochs=1", "data.terrain.train_images=8", "data.terrain.val_images=4", "data.terrain.test_images=4"]


def main(quick: bool) -> None:
    """Builds the preset, or trains it for a moment, and says what came of it."""
    config = edge_nas.load_config("terrain_48x64", ["deploy.board=nrf52840", *(QUICK if quick else [])])
    run = Path("runs/terrain")
    print_last_screen(edge_nas.build(config, run, until_stage="train" if quick else None), run)


if __name__ == "__main__":
    main("--quick" in sys.argv)
