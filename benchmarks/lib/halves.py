"""Scores of one training after every epoch, with both kinds of BatchNorm statistics, on two halves of val."""

from typing import Any

import numpy as np
import tf_keras

from edge_nas.core.config import BuildConfig
from edge_nas.data.augmentation import training_batches
from edge_nas.data.dataset import Dataset

Moments = list[tuple[Any, Any]]

_BATCH = 64  # bounds memory


class HalfScores(tf_keras.callbacks.Callback):
    """Scores on the halves of val after every epoch, with both kinds of statistics; the training does not notice.

    Before each score of its own, training replaces the moving averages. What they were is kept at the epoch's last
    step, scored, and put back, so that they go on as if nothing had replaced them.
    """

    def __init__(self, network: tf_keras.Model, config: BuildConfig, dataset: Dataset, seed: int) -> None:
        super().__init__()
        self.moving: list[tuple[float, float]] = []
        self.anew: list[tuple[float, float]] = []
        self._norms = [layer for layer in network.layers if isinstance(layer, tf_keras.layers.BatchNormalization)]
        self._score = dataset.task.score[0]
        halves = (dataset.val.take(np.arange(start, len(dataset.val), 2)) for start in (0, 1))
        self._halves = [training_batches(half, config.augmentation, _BATCH, seed, augment=False) for half in halves]
        self._averages: Moments = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002 - Keras' signature
        """Keeps the moving averages of the epoch's last step."""
        if batch + 1 == self.params["steps"]:
            self._averages = self._moments()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002 - Keras' signature
        """Scores with what training has taken anew, then with the moving averages, and leaves these."""
        self.anew.append(self._scored())
        for norm, (mean, variance) in zip(self._norms, self._averages, strict=True):
            norm.moving_mean.assign(mean)
            norm.moving_variance.assign(variance)
        self.moving.append(self._scored())

    def _moments(self) -> Moments:
        return [(norm.moving_mean.numpy(), norm.moving_variance.numpy()) for norm in self._norms]

    def _scored(self) -> tuple[float, float]:
        scores = [self.model.evaluate(half, verbose=0, return_dict=True)[self._score] for half in self._halves]
        return float(scores[0]), float(scores[1])
