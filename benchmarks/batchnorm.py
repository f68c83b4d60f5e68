"""What a network scores with BatchNorm's moving averages and with its statistics taken anew, over one training.

    python -m benchmarks.batchnorm benchmarks/configs/camvid_road.yaml data.root=DIR --seeds 0 1 2

The weights are the same bits either way, since gradients do not see the averages (design note 22). After every epoch
the network is scored with both on two halves of val. *chosen*: the epoch with the best score on one half, scored on
the other, and the other way round, the mean of both: images that the choice did not see. *last*: the last epoch on all
of val, the mean of the halves.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.tables.batchnorm import ANEW, MOVING, Row, batchnorm_table
from edge_nas.core.atomic import write_json
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.machine import machine_facts
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.data.dataset import Dataset
from edge_nas.data.loader import load_dataset
from edge_nas.runs.progress import Silent


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table."""
    options = _parse(arguments)
    config = load_config(options.config, options.overrides)
    load_tensorflow()
    dataset = load_dataset(config.data)
    rows = [row for seed in options.seeds for row in measured(config, dataset, seed)]
    if options.json:
        facts = {"config": config.to_data() | {"data": None}, "machine": machine_facts()}
        write_json(options.json, facts | {"rows": rows})
    print(batchnorm_table(rows))


def measured(config: BuildConfig, dataset: Dataset, seed: int) -> list[Row]:
    """Returns a row for the moving averages and one for statistics taken anew, of one training."""
    from benchmarks.lib.halves import HalfScores
    from edge_nas.training import fit
    from edge_nas.training.untrained import untrained_network

    network = untrained_network(config.model, dataset.format.shape, seed, dataset.task).flat
    watcher = HalfScores(network, config, dataset, seed)
    fit(network, config.train, dataset, config.augmentation, seed=seed, progress=Silent(), callbacks=[watcher])
    rows = [_row(seed, MOVING, watcher.moving), _row(seed, ANEW, watcher.anew)]
    print(rows, file=sys.stderr, flush=True)
    return rows


def _row(seed: int, kind: str, scores: Sequence[tuple[float, float]]) -> Row:
    """Returns what the epochs' scores on two halves come to."""
    unseen = [max(scores, key=lambda both: both[half])[1 - half] for half in (0, 1)]
    return Row(seed=seed, scored_with=kind, chosen=statistics.mean(unseen), last=statistics.mean(scores[-1]))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("config", help="a configuration file or a preset")
    parser.add_argument("overrides", nargs="*", metavar="key=value")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--json", type=Path, help="where the results go")
    return parser.parse_intermixed_args(arguments)


if __name__ == "__main__":
    main()
