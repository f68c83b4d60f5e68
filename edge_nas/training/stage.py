"""Stage 1: the student, and its teacher where one is named."""

from collections.abc import Callable
from functools import partial

import tf_keras

from edge_nas.core.config import AugmentationSpec, FitSpec, ModelSpec, MonitorSpec, TrainSpec
from edge_nas.core.modelnames import is_outside
from edge_nas.covariance.monitor import NASMonitorCallback
from edge_nas.data.dataset import Dataset
from edge_nas.errors import ConfigError
from edge_nas.evaluation.evaluate import baselines, evaluate
from edge_nas.graph.cost import keras_cost
from edge_nas.graph.features import output_features
from edge_nas.graph.flatten import Mirror, mirror
from edge_nas.models.artifacts import store_network
from edge_nas.models.registry import create_model
from edge_nas.results.redundancy import RedundancyRecord
from edge_nas.results.train import EpochRecord, TrainOutput
from edge_nas.runs.workspace import Workspace
from edge_nas.runtimes.keras import KerasRuntime
from edge_nas.tasks import Task
from edge_nas.training.fit import fit


def train(
    spec: TrainSpec,
    *,
    model: ModelSpec,
    augmentation: AugmentationSpec,
    seed: int,
    dataset: Dataset,
    run: Workspace,
    check: Callable[[tf_keras.Model], object] = lambda _network: None,
) -> TrainOutput:
    """Returns the trained network as `trained.npz`, with `teacher.npz` where a teacher is named.

    What the monitor sees of the student goes into `redundancy.csv` and the TensorBoard files as well.

    Args:
        spec: how to train.
        model: the network.
        augmentation: random changes of each training image.
        seed: of initial weights, order of images and augmentation.
        dataset: what it is trained and judged on.
        run: where to write.
        check: called with the untrained student; raises where a later stage could not take it, before time is spent.
    """
    run_fit = partial(fit, dataset=dataset, augmentation=augmentation, seed=seed, progress=run.progress)
    shape = tuple(dataset.train.images.shape[1:])
    created = _create(model, shape, seed, dataset.task)
    network = created.flat
    check(network)
    teacher: tf_keras.Model | None = None
    teacher_history: tuple[EpochRecord, ...] = ()
    if spec.teacher is not None:
        teacher = _create(spec.teacher, shape, seed, dataset.task).flat
        teacher_history = run_fit(teacher, _teacher_settings(spec))
    features = output_features(network)
    if features.feeds_output_layer and spec.decov_weight > 0:
        run.progress.note(
            f"one output channel has no correlations: DeCov acts on the features of {features.layer}, "
            "which feed the output layer"
        )
    monitor = _monitor(spec.monitor, created, run)
    history = run_fit(
        network,
        spec,
        teacher=teacher,
        log_folder=run.folder / "tensorboard",
        probed=created.probed,
        callbacks=[monitor] if monitor else [],
    )
    return TrainOutput(
        model=store_network(network, "trained.npz", stage="train", run=run),
        teacher=store_network(teacher, "teacher.npz", stage="train", run=run) if teacher else None,
        history=history,
        teacher_history=teacher_history,
        decov_layer=features.layer,
        monitored=_records(monitor) if monitor else (),
        evaluation=evaluate(KerasRuntime(network).run, dataset),
        teacher_evaluation=evaluate(KerasRuntime(teacher).run, dataset) if teacher else None,
        baselines=baselines(dataset),
        cost=keras_cost(network),
    )


def _teacher_settings(spec: TrainSpec) -> FitSpec:
    """Returns the student's settings without the terms of the loss that shape a student."""
    settings = spec.model_dump(include=set(FitSpec.model_fields)) | {"epochs": spec.teacher_epochs}
    return FitSpec(**settings | {"distillation_weight": 0.0, "decov_weight": 0.0, "decov_layers": {}})


def _monitor(spec: MonitorSpec, created: Mirror, run: Workspace) -> NASMonitorCallback | None:
    if spec.every_epochs is None:
        return None
    return NASMonitorCallback(
        log_frequency=spec.every_epochs,
        layers=spec.layers or None,
        csv=run.folder / "redundancy.csv",
        tensorboard=run.folder / "tensorboard" / "redundancy",
        network=created.detached,
    )


def _records(monitor: NASMonitorCallback) -> tuple[RedundancyRecord, ...]:
    return tuple(
        RedundancyRecord(**{name: getattr(record, name) for name in RedundancyRecord.model_fields})
        for record in monitor.records
    )


def _create(spec: ModelSpec, input_shape: tuple[int, ...], seed: int, task: Task) -> Mirror:
    tf_keras.utils.set_random_seed(seed)
    created = mirror(create_model(spec, task), input_shape)
    _check_outputs(created.flat, spec.name, input_shape, task)
    return created


def _check_outputs(network: tf_keras.Model, name: str, input_shape: tuple[int, ...], task: Task) -> None:
    """Refuses a network that does not answer what is asked.

    Raises:
        ConfigError: says which outputs it has, which are needed and how to get them.
    """
    seen, needed = [tuple(output.shape[1:]) for output in network.outputs], task.output_shape(input_shape)
    if seen == [needed]:
        return
    outputs = ", ".join(str(shape) for shape in seen)
    known = " The registered models answer for every pixel." if not task.has_masks and not is_outside(name) else ""
    raise ConfigError(
        f"model {name!r}: for an image {input_shape} the output has shape {outputs}; task {task.name!r} needs {needed}."
        f"{known} Give a network of yours, model=module:function or a .keras file, whose last layer is such as "
        f"{task.last_layer}"
    )
