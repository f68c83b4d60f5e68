"""Which word was spoken? Spectrograms of 49 frames of 10 bands, float32.

python examples/keywords.py [--quick]
"""

import sys
from pathlib import Path

import edge_nas
from edge_nas.cli.lastscreen import print_last_screen

QUICK = ["train.epochs=1", "data.keywords={train_samples: 40, val_samples: 20, test_samples: 20}"]


def main(quick: bool) -> None:
    """Builds the preset, or trains it for a moment, and says what came of it beside the trivial answer."""
    config = edge_nas.load_config("keywords_49x10", ["deploy.board=nrf52840", *(QUICK if quick else [])])
    run = Path("runs/keywords")
    print_last_screen(edge_nas.build(config, run, until_stage="train" if quick else None), run)


if __name__ == "__main__":
    main("--quick" in sys.argv)
