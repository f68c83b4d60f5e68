"""Is there somebody? A classifier of grey pictures.

python examples/grey_classifier.py [--quick]
"""

import sys
from pathlib import Path

import edge_nas
from edge_nas.cli.lastscreen import print_last_screen

QUICK = ["train.epochs=1", "data.presence={train_samples: 16, val_samples: 8, test_samples: 8}"]


def main(quick: bool) -> None:
    """Builds the preset, or trains it for a moment, and says what came of it beside the trivial answer."""
    config = edge_nas.load_config("grey_96x96", ["deploy.board=nrf52840", *(QUICK if quick else [])])
    run = Path("runs/grey_classifier")
    print_last_screen(edge_nas.build(config, run, until_stage="train" if quick else None), run)


if __name__ == "__main__":
    main("--quick" in sys.argv)
