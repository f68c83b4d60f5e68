"""One training run of a network, in place: the best weights on val are what stays."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
import tf_keras

from edge_nas.core.config import AugmentationSpec, FitSpec
from edge_nas.core.interrupts import look
from edge_nas.data.augmentation import training_batches
from edge_nas.data.dataset import Dataset
from edge_nas.errors import ConfigError, DivergedError
from edge_nas.graph.probes import ProbedTensor
from edge_nas.results.train import EpochRecord
from edge_nas.runs.progress import Progress
from edge_nas.tasks import Task
from edge_nas.training.objective import Objective
from edge_nas.training.statistics import PopulationStatistics

WARMUP_SHARE = 0.05
"""Share of the steps over which the learning rate rises to its value: Adam's first estimates of the gradients' variance
come from few batches. A choice, written in the description of `FitSpec` as well."""
_VAL_BATCH = 64
"""Bounds memory; the score on val does not depend on it."""


def fit(
    network: tf_keras.Model,
    spec: FitSpec,
    dataset: Dataset,
    augmentation: AugmentationSpec,
    *,
    seed: int,
    progress: Progress,
    teacher: tf_keras.Model | None = None,
    log_folder: Path | None = None,
    keep_best: bool = True,
    scored_share: float = 1.0,
    keep_zeros: bool = False,
    callbacks: Sequence[tf_keras.callbacks.Callback] = (),
    probed: Sequence[ProbedTensor] = (),
) -> tuple[EpochRecord, ...]:
    """Trains `network` in place and returns what every epoch gave; its weights end as those of the best score on val.

    The score is the primary one of the data's task, with BatchNorm's statistics taken anew before it (see
    `statistics`). The weights it started with take part, with the statistics they came with: a run that makes nothing
    better changes nothing. Adam with a linear warm-up over 5 % of the steps and cosine decay to zero (SGDR without
    restarts, arXiv 1608.03983).

    Args:
        network: flat, maps network inputs (N, ...) to the outputs of the task.
        spec: epochs, learning rate and the weights of the loss.
        dataset: trained on `train`, watched on `val`.
        augmentation: random changes of each training sample.
        seed: of weights drawn later, of the order of images and of augmentation.
        progress: told of every epoch.
        teacher: gives soft targets where spec.distillation_weight > 0.
        log_folder: where TensorBoard files go; None writes none.
        keep_best: False: the last weights stay, whatever val says.
        scored_share: above 0, up to 1: of the epochs, the last ones that the best weights are from; the others are not
            scored. With spec.patience all are.
        keep_zeros: kernel weights that are zero at the start stay zero.
        callbacks: further Keras callbacks.
        probed: what the network's probes see, for spec.decov_layers.

    Raises:
        ConfigError: distillation is asked for and there is no teacher.
        DivergedError: the loss became NaN or infinite; the network has its best weights of before, those it started
            with where no epoch was scored.
    """
    if spec.epochs == 0:
        return ()
    if spec.distillation_weight > 0 and teacher is None:
        raise ConfigError("distillation_weight is above 0 but no teacher was given")
    tf_keras.utils.set_random_seed(seed)
    # Repeated, so that one iterator serves all epochs, and kept: to begin a pipeline takes as long as some steps do.
    train = training_batches(dataset.train, augmentation, spec.batch_size, seed).repeat()
    val = training_batches(dataset.val, augmentation, _VAL_BATCH, seed, augment=False).cache()
    objective = Objective(network, spec, teacher, probed, dataset.task)
    steps_per_epoch = math.ceil(len(dataset.train) / spec.batch_size)
    optimizer = _optimizer(spec, steps_per_epoch)
    # Its variables are there before the first step: one that makes them is traced twice, for as long as epochs take.
    optimizer.build(objective.network.trainable_variables)
    objective.compile(optimizer=optimizer, run_eagerly=False)
    score, _ = dataset.task.score
    best = _BestWeights(network, score, spec.patience)
    recorder = _Recorder(spec.epochs, dataset.task, progress)
    # The weights that training starts with take part (design note 7).
    best.consider(float(objective.evaluate(val, verbose=0, return_dict=True)[score]))
    # Keras calls them in this order: the statistics are there before a score is looked at.
    before_score = [_Interruptible(), PopulationStatistics(network, dataset.train, seed), _StopOnNaN()]
    if keep_zeros:
        before_score.append(_KeepZeros(network))
    watchers = [*before_score, best, recorder, *callbacks, *_tensorboard(log_folder)]
    try:
        objective.fit(
            train,
            steps_per_epoch=steps_per_epoch,
            validation_data=val,
            validation_freq=_scored_epochs(spec, scored_share),
            epochs=spec.epochs,
            verbose=0,
            callbacks=watchers,
        )
    except DivergedError:
        best.restore()
        raise
    if keep_best:
        best.restore()
    return tuple(recorder.records)


def _scored_epochs(spec: FitSpec, share: float) -> list[int]:
    """Returns the epochs, counted from 1, after which val is looked at."""
    scored = spec.epochs if spec.patience is not None else math.ceil(share * spec.epochs)
    return list(range(spec.epochs - scored + 1, spec.epochs + 1))


def _optimizer(spec: FitSpec, steps_per_epoch: int) -> tf_keras.optimizers.Optimizer:
    """Returns Adam with a linear warm-up and cosine decay to zero over the whole training."""
    total = spec.epochs * steps_per_epoch
    warmup = max(1, round(WARMUP_SHARE * total))
    schedule = tf_keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=max(1, total - warmup),
        warmup_target=spec.learning_rate,
        warmup_steps=warmup,
    )
    return tf_keras.optimizers.Adam(schedule)


def _tensorboard(log_folder: Path | None) -> list[tf_keras.callbacks.Callback]:
    if log_folder is None:
        return []
    return [tf_keras.callbacks.TensorBoard(str(log_folder), write_graph=False)]


class _BestWeights(tf_keras.callbacks.Callback):
    """Keeps the weights of the best score on val; stops after `patience` epochs without a better one."""

    def __init__(self, network: tf_keras.Model, score: str, patience: int | None) -> None:
        super().__init__()
        self._network = network
        self._score_name = score
        self._patience = patience
        self._best_score = -math.inf
        self._best_weights = network.get_weights()
        self._epochs_without_better = 0

    def consider(self, score: float) -> None:
        """Takes the present weights if they are better than all before."""
        self._epochs_without_better += 1
        if score > self._best_score:
            self._best_score = score
            self._best_weights = self._network.get_weights()
            self._epochs_without_better = 0

    def restore(self) -> None:
        """Puts the best weights back."""
        self._network.set_weights(self._best_weights)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras' signature
        """Looks at val's score after each epoch that has one."""
        score = (logs or {}).get(f"val_{self._score_name}")
        if score is None:
            return
        self.consider(float(score))
        if self._patience is not None and self._epochs_without_better >= self._patience:
            self.model.stop_training = True


class _Recorder(tf_keras.callbacks.Callback):
    """Turns Keras' logs into records and progress."""

    def __init__(self, epochs: int, task: Task, progress: Progress) -> None:
        super().__init__()
        self.records: list[EpochRecord] = []
        self._epochs, self._task, self._progress = epochs, task, progress

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Stores one epoch."""
        values = {name: float(value) for name, value in (logs or {}).items()}
        rate = float(tf.convert_to_tensor(self.model.optimizer.learning_rate))
        self.records.append(EpochRecord(epoch=epoch + 1, learning_rate=rate, values=values))
        score, heading = self._task.score
        on_val = values.get(f"val_{score}")
        what = f"loss {values['loss']:.3f}" + ("" if on_val is None else f", {heading} on val {on_val:.3f}")
        self._progress.tick(what, epoch + 1, self._epochs)


class _Interruptible(tf_keras.callbacks.Callback):
    """Ends training between two batches where the user wants it to end."""

    def __init__(self) -> None:
        super().__init__()
        self._supports_tf_logs = True  # its logs are not looked at: no batch has to be waited for

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002 - Keras' signature
        """Looks after each step."""
        look()

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002 - Keras' signature
        """Looks after each batch of val."""
        look()


class _StopOnNaN(tf_keras.callbacks.Callback):
    """Ends a run whose loss is no number any more."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras' signature
        """Remembers where training is."""
        self._epoch = epoch + 1

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks at the running loss."""
        loss = float((logs or {})["loss"])
        if not math.isfinite(loss):
            raise DivergedError(
                f"training: the loss is {loss} in epoch {self._epoch}, step {batch + 1}; "
                "lower learning_rate, or scale samples with data.scale"
            )


class _KeepZeros(tf_keras.callbacks.Callback):
    """Puts zeros back after every step: plain QAT moves zeroed weights away from zero (TFMOT 0.8.1, design note 13)."""

    def __init__(self, network: tf_keras.Model) -> None:
        super().__init__()
        # Biases and BatchNorm's parameters, of rank 1, are never zeroed: a zero there is a start like any other.
        kernels = [weight for weight in network.trainable_variables if weight.shape.rank > 1]
        self._masked = [(kernel, tf.cast(kernel != 0.0, kernel.dtype)) for kernel in kernels]

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras' signature
        """Multiplies every kernel by its mask."""
        for kernel, mask in self._masked:
            kernel.assign(kernel * mask)
