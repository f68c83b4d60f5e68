"""What is somebody doing? Windows of an accelerometer, int16 as the sensor gives them.

python examples/motion.py [--quick]
"""

import sys
from pathlib import Path

import edge_nas
from edge_nas.cli.lastscreen import print_last_screen

QUICK = ["train.epochs=1", "data.motion={train_samples: 24, val_samples: 12, test_samples: 12}"]


def main(quick: bool) -> None:
    """Builds the preset, or trains it for a moment, and says what came of it beside the trivial answer."""
    config = edge_nas.load_config("motion_128x3", ["deploy.board=nrf52840", *(QUICK if quick else [])])
    run = Path("runs/motion")
    print_last_screen(edge_nas.build(config, run, until_stage="train" if quick else None), run)


if __name__ == "__main__":
    main("--quick" in sys.argv)
