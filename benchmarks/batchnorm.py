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
from typing import Any

import numpy as np
import tf_keras

from benchmarks.tables.batchnorm import ANEW, MOVING, Row, batchnorm_table
from edge_nas.core.atomic import write_json
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.machine import machine_facts
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.data.augmentation import training_batches
from edge_nas.data.dataset import Dataset
from edge_nas.data.loader import load_dataset
from edge_nas.runs.progress import Silent
from edge_nas.training import fit
from edge_nas.training.untrained import untrained_network

Moments = list[tuple[Any, Any]]

_BATCH = 64  # bounds memory


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
    network = untrained_network(config.model, dataset.format.shape, seed, dataset.task).flat
    watcher = _Scores(network, config, dataset, seed)
    fit(network, config.train, dataset, config.augmentation, seed=seed, progress=Silent(), callbacks=[watcher])
    rows = [_row(seed, kind, scores) for kind, scores in watcher.scores.items()]
    print(rows, file=sys.stderr, flush=True)
    return rows


def _row(seed: int, kind: str, scores: Sequence[tuple[float, float]]) -> Row:
    """Returns what the epochs' scores on two halves come to."""
    unseen = [max(scores, key=lambda both: both[half])[1 - half] for half in (0, 1)]
    return Row(seed=seed, scored_with=kind, chosen=statistics.mean(unseen), last=statistics.mean(scores[-1]))


class _Scores(tf_keras.callbacks.Callback):
    """Scores on the halves of val after every epoch, with both kinds of statistics; the training does not notice.

    Before each score of its own, training replaces the moving averages. What they were is kept at the epoch's last
    step, scored, and put back, so that they go on as if nothing had replaced them.
    """

    def __init__(self, network: tf_keras.Model, config: BuildConfig, dataset: Dataset, seed: int) -> None:
        super().__init__()
        self.scores: dict[str, list[tuple[float, float]]] = {MOVING: [], ANEW: []}
        self._norms = [layer for layer in network.layers if isinstance(layer, tf_keras.layers.BatchNormalization)]
        self._score = dataset.task.score[0]
        halves = (dataset.val.take(np.arange(start, len(dataset.val), 2)) for start in (0, 1))
        self._halves = [training_batches(half, config.augmentation, _BATCH, seed, augment=False) for half in halves]
        self._moving: Moments = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002 - Keras' signature
        """Keeps the moving averages of the epoch's last step."""
        if batch + 1 == self.params["steps"]:
            self._moving = self._moments()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002 - Keras' signature
        """Scores with what training has taken anew, then with the moving averages, and leaves these."""
        self.scores[ANEW].append(self._scored())
        for norm, (mean, variance) in zip(self._norms, self._moving, strict=True):
            norm.moving_mean.assign(mean)
            norm.moving_variance.assign(variance)
        self.scores[MOVING].append(self._scored())

    def _moments(self) -> Moments:
        return [(norm.moving_mean.numpy(), norm.moving_variance.numpy()) for norm in self._norms]

    def _scored(self) -> tuple[float, float]:
        scores = [self.model.evaluate(half, verbose=0, return_dict=True)[self._score] for half in self._halves]
        return float(scores[0]), float(scores[1])


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("config", help="a configuration file or a preset")
    parser.add_argument("overrides", nargs="*", metavar="key=value")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--json", type=Path, help="where the results go")
    return parser.parse_intermixed_args(arguments)


if __name__ == "__main__":
    main()
