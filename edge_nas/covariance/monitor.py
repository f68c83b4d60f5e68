"""How redundant a network's features are while it trains, without touching the training.

monitor = NASMonitorCallback(layers="encoder_*_pointwise_relu", csv="redundancy.csv")
model.fit(images, masks, epochs=20, callbacks=[monitor])
monitor.redundancy_scores                            # the output's score, one number per record
"""

import csv as csv_format
import io
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras
from tf_keras.src.engine.data_adapter import unpack_x_y_sample_weight

from edge_nas.core.atomic import make_folder, resource_errors, write_text
from edge_nas.covariance.decov import check_weight
from edge_nas.covariance.penalty import tell_features
from edge_nas.covariance.redundancy import condition_number, correlations, effective_rank
from edge_nas.covariance.selectors import Selectors, activations, select
from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.errors import ConfigError
from edge_nas.graph.features import output_features
from edge_nas.graph.flatten import InputShape, Mirror, mirror


@dataclass(frozen=True)
class MonitorRecord:
    """The redundancy of one activation at one moment, over all positions of the images at hand.

    `epoch` and `batch` count from 1, `batch` over the whole training. `score`: mean squared off-diagonal correlation,
    [0, 1]. `mean_abs_correlation`, `max_abs_correlation`: off-diagonal, [0, 1]. `effective_rank`: 0 to the number of
    channels. `trace`: total variance. `condition_number`: largest eigenvalue of the covariance over the smallest,
    infinite where channels are linearly dependent. `weighted_penalty`: covariance_weight times the normalised DeCov
    penalty; it is logged and added to no loss.
    """

    epoch: int
    batch: int
    layer: str
    score: float
    mean_abs_correlation: float
    max_abs_correlation: float
    effective_rank: float
    trace: float
    condition_number: float
    weighted_penalty: float


_COLUMNS = tuple(field.name for field in fields(MonitorRecord))
_MEASURES = _COLUMNS[3:]


class NASMonitorCallback(tf_keras.callbacks.Callback):
    """Records the redundancy of a model's output, and of chosen layers, during `fit`; gradients never change.

    Works on subclassed, functional and sequential models: a flat copy takes the model's weights at each record and
    runs in inference, on the training batch of that moment or on `images`. For one output channel the features that
    feed the output layer stand for the output, said in the log; of several outputs the first is watched.

    To see the training batches, `fit` compiles its step anew, with one copy of the inputs at its end; a later `fit`
    does so again, so its dropout draws other numbers than if it had gone on with the same step. With `images` the
    training is not touched at all.

    Args:
        covariance_weight: what the penalty is multiplied with in the records, from 0.
        log_frequency: a record at the end of every so many epochs.
        layers: selectors of further layers and probes; see `edge_nas.covariance.selectors`.
        every_batches: a record after every so many batches as well.
        csv: a file for the records, one line each; begun anew by each callback.
        tensorboard: a folder for TensorBoard scalars; their step is the epoch, with `every_batches` the batch.
        images: network inputs to measure on instead of the training batches.
        network: what to watch instead of the model that `fit` trains, such as a network inside of that; a `Mirror`
            is watched as it stands, with its probes.

    `redundancy_scores` holds the output's score per record, `records` everything.

    Raises:
        ConfigError: an argument out of range; at the first batch, a selector that matches nothing.
        GraphError: at the first batch, the model cannot be flattened.
    """

    def __init__(
        self,
        covariance_weight: float = 0.01,
        log_frequency: int = 1,
        layers: Selectors | None = None,
        *,
        every_batches: int | None = None,
        csv: str | Path | None = None,
        tensorboard: str | Path | None = None,
        images: Any = None,
        network: tf_keras.Model | Mirror | None = None,
    ) -> None:
        super().__init__()
        self._supports_tf_logs = True  # tf_keras 2.21 then does not wait for the numbers of each batch, unused here
        self.redundancy_scores: list[float] = []
        self.records: list[MonitorRecord] = []
        self._weight = check_weight(covariance_weight, "covariance_weight")
        self._epochs = _count(log_frequency, "log_frequency")
        self._batches = None if every_batches is None else _count(every_batches, "every_batches")
        self._layers, self._network, self._images = layers, network, images
        self._sinks: list[_Csv | _TensorBoard] = []
        if csv is not None:
            self._sinks.append(_Csv(Path(csv)))
        if tensorboard is not None:
            self._sinks.append(_TensorBoard(Path(tensorboard), by_batch=every_batches is not None))
        self._batch = _LastBatch()
        self._watched: _Watched | None = None
        self._epoch = 1
        self._batches_done, self._batches_in_epoch, self._recorded_at = 0, 0, 0

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras' signature
        """Starts to keep the training batch."""
        self._watched, self._batches_in_epoch = None, 0
        if self._images is None:
            self._batch.keep(self.model)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras' signature
        """Puts the model back as it was."""
        self._batch.release()

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        """Remembers where training is."""
        self._epoch, self._batches_in_epoch = epoch + 1, 0

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        """Counts; records where it is time. The first batch already meets a wrong selector."""
        before = self._batches_done
        # More than one where the model runs several steps at once.
        self._batches_done += batch + 1 - self._batches_in_epoch
        self._batches_in_epoch = batch + 1
        if self._watched is None:
            self._prepare()
        if self._batches is not None and self._batches_done // self._batches > before // self._batches:
            self._record()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        """Records every `log_frequency` epochs."""
        is_due = (epoch + 1) % self._epochs == 0
        if is_due and self._recorded_at != self._batches_done:
            self._record()

    def _inputs(self) -> Any:
        """Returns what to measure on: the user's images, else the latest training batch."""
        return self._images if self._images is not None else self._batch.value()

    def _prepare(self) -> "_Watched":
        """Returns the flat copy that measures; made anew where batches come in another size."""
        shape = _shape(self._inputs())
        if self._watched is None or self._watched.shape != shape:
            model = self._network if self._network is not None else self.model
            with _same_random_numbers():
                self._watched = _Watched(model, shape, self._layers)
        return self._watched

    def _record(self) -> None:
        """Measures what is watched now, and writes it everywhere."""
        self._recorded_at = self._batches_done
        watched = self._prepare()
        for name, value in watched.run(self._inputs()).items():
            record = _measure(value, self._weight, epoch=self._epoch, batch=self._batches_done, layer=name)
            self.records.append(record)
            if name == watched.output:
                self.redundancy_scores.append(record.score)
            for sink in self._sinks:
                sink.write(record)


class _Watched:
    """The flat copy of a model, and the activations of it that are measured."""

    def __init__(self, model: tf_keras.Model | Mirror, shape: InputShape, layers: Selectors | None) -> None:
        self.shape = shape
        self._mirror = model if isinstance(model, Mirror) else mirror(model, shape, watches=True)
        features = output_features(self._mirror.flat)
        if not isinstance(model, Mirror):  # who hands one has already looked at its features
            tell_features(features)
        self.output = features.layer
        tensors = {features.layer: features.tensor}
        if layers is not None:
            chosen = select(layers, activations(self._mirror.flat, self._mirror.probed), "layers")
            tensors |= {name: activation.tensor for name, activation in chosen.items()}
        self._names = tuple(tensors)
        self._network = tf_keras.Model(self._mirror.flat.input, tensors)
        self._run = tf.function(lambda inputs: self._network(inputs, training=False), reduce_retracing=True)

    def run(self, inputs: Any) -> dict[str, Any]:
        """Returns the activations by name, with the model's present weights."""
        self._mirror.refresh()
        values = self._run(inputs)
        return {name: values[name] for name in self._names}


def _measure(value: Any, weight: float, **place: Any) -> MonitorRecord:
    """Returns the record of an activation (..., channels); `place` are its epoch, batch and layer."""
    statistics = StreamingCovariance(int(value.shape[-1]))
    statistics.update(value.numpy())
    covariance = statistics.covariance()
    between = correlations(covariance)
    if not len(between):  # one channel has nothing to be correlated with
        between = np.zeros(1)
    score = float((between**2).mean())
    return MonitorRecord(
        **place,
        score=score,
        mean_abs_correlation=float(abs(between).mean()),
        max_abs_correlation=float(abs(between).max()),
        effective_rank=effective_rank(covariance),
        trace=float(covariance.trace()),
        condition_number=condition_number(covariance),
        weighted_penalty=weight * 0.5 * score,  # the normalised DeCov penalty is half the mean squared correlation
    )


class _LastBatch:
    """The inputs of the latest training step (a quirk of tf_keras 2.21 lives here).

    Keras gives a callback no data. Only `train_step` sees the batch, inside a compiled function, so `fit` is made to
    compile one that stores the inputs in a variable when the step is over: what comes before, the random operations of
    the step included, is compiled as without it.
    """

    def __init__(self) -> None:
        self._model: tf_keras.Model | None = None
        self._variables: Any = None

    def keep(self, model: tf_keras.Model) -> None:
        """Starts to keep the inputs of each step of `model`."""
        self.release()  # of a training that an error ended
        self._model, self._variables = model, None
        original = model.train_step

        def train_step(data: Any) -> Any:
            result = original(data)
            self._store(unpack_x_y_sample_weight(data)[0])
            return result

        model.train_step = train_step
        model.make_train_function(force=True)

    def release(self) -> None:
        """Gives the model its own step back."""
        if self._model is not None:
            del self._model.train_step
            self._model.make_train_function(force=True)
            self._model = None

    def value(self) -> Any:
        """Returns the inputs of the latest step."""
        return tf.nest.map_structure(lambda variable: variable.read_value(), self._variables)

    def _store(self, inputs: Any) -> None:
        if self._variables is None:
            with tf.init_scope():
                self._variables = tf.nest.map_structure(_empty, inputs)
        tf.nest.map_structure(lambda variable, value: variable.assign(value), self._variables, inputs)


def _empty(value: Any) -> Any:
    """Returns a variable that takes any shape; made outside the graph that assigns to it."""
    start = tf.zeros([0] * value.shape.rank, value.dtype)
    return tf.Variable(start, trainable=False, shape=tf.TensorShape(None))


class _Csv:
    """One line per record, below a header; each is on the disk when the record is made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begun = False

    def write(self, record: MonitorRecord) -> None:
        """Adds a record."""
        if not self._begun:
            make_folder(self._path.parent)
            write_text(self._path, _line(_COLUMNS))
            self._begun = True
        with resource_errors(self._path, "written"), self._path.open("a", encoding="utf-8", newline="") as file:
            file.write(_line(asdict(record).values()))


class _TensorBoard:
    """Scalars `redundancy/<measure>/<layer>`."""

    def __init__(self, folder: Path, *, by_batch: bool) -> None:
        self._folder, self._by_batch = folder, by_batch
        self._writer: Any = None

    def write(self, record: MonitorRecord) -> None:
        """Adds a record."""
        if self._writer is None:
            make_folder(self._folder)
            self._writer = tf.summary.create_file_writer(str(self._folder))
        step = record.batch if self._by_batch else record.epoch
        with self._writer.as_default(step=step):
            for measure in _MEASURES:
                tf.summary.scalar(f"redundancy/{measure}/{record.layer}", getattr(record, measure))
        self._writer.flush()


def _line(values: Any) -> str:
    """Returns values as one line of a CSV file, quoted where they hold commas."""
    text = io.StringIO()
    csv_format.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


@contextmanager
def _same_random_numbers() -> Iterator[None]:
    """Leaves the random numbers that come after the block as they would have been: a copy draws initial weights."""
    from tf_keras.src.backend import _SEED_GENERATOR  # tf_keras 2.21 keeps set_random_seed's generator here

    of_keras = getattr(_SEED_GENERATOR, "generator", None)
    generators = [random] if of_keras is None else [random, of_keras]
    states = [generator.getstate() for generator in generators]
    try:
        yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.setstate(state)


def _shape(inputs: Any) -> InputShape:
    """Returns the shape of each input without the batch, as `mirror` takes it."""
    if isinstance(inputs, Mapping):
        return {name: tuple(value.shape[1:]) for name, value in inputs.items()}
    if isinstance(inputs, list | tuple):
        return [tuple(value.shape[1:]) for value in inputs]
    return tuple(inputs.shape[1:])


def _count(value: Any, name: str) -> int:
    """Returns a number of epochs or batches, which must be a whole one from 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{name} is {value!r}; allowed: a whole number from 1")
    return value
