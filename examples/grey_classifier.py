"""Is there somebody? A classifier of grey pictures.

python examples/grey_classifier.py [--quick]
"""

import sys

import edge_nas

QUICK = ["train.epochs=1", "data.presence={train_samples: 16, val_samples: 8, test_samples: 8}"]


def main(quick: bool) -> None:
    """Builds the preset, or trains it for a moment, and says what came of it beside the trivial answer."""
    config = edge_nas.load_config("grey_96x96", ["deploy.board=nrf52840", *(QUICK if quick else [])])
    result = edge_nas.build(config, "runs/grey_classifier", until_stage="train" if quick else None)
    print(result.evaluation.int8 or result.evaluation.trained)
    print(result.evaluation.baselines)


if __name__ == "__main__":
    main("--quick" in sys.argv)
