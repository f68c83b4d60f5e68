"""Stage 1: the student, and its teacher where one is named."""

from typing import TYPE_CHECKING

from edge_nas.boards import load_board
from edge_nas.core.config import BuildConfig, FitSpec, MonitorSpec, TrainSpec
from edge_nas.core.modelnames import file_hashes
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.results.redundancy import RedundancyRecord
from edge_nas.results.train import EpochRecord, TrainOutput
from edge_nas.results.trivial import no_better_than_trivial
from edge_nas.runs.names import LOGS
from edge_nas.stages.ahead import LaterSettings, check_ahead, unfit_warning
from edge_nas.stages.contract import Stage, StageContext

if TYPE_CHECKING:
    import tf_keras

    from edge_nas.covariance.monitor import NASMonitorCallback
    from edge_nas.graph.flatten import Mirror


def _model_files(config: BuildConfig) -> dict[str, str]:
    """Returns the hashes of the files behind the model, its teacher and their custom objects."""
    teacher = config.train.teacher
    return file_hashes((*config.model.sources, *(teacher.sources if teacher is not None else ())))


def train(context: StageContext) -> TrainOutput:
    """Returns the trained network as `trained.npz`, with `teacher.npz` where a teacher is named.

    What the monitor sees of the student goes into `redundancy.csv` and the TensorBoard files as well. What a later
    stage would refuse is refused before time goes into training.

    Raises:
        ConfigError, DataError, GraphError: the network does not answer what is asked, or a later stage refuses it.
    """
    load_tensorflow()
    from edge_nas.data.cautions import cautions
    from edge_nas.evaluation.evaluate import baselines, evaluate
    from edge_nas.graph.cost import keras_cost
    from edge_nas.graph.features import output_features
    from edge_nas.models.artifacts import store_network
    from edge_nas.runtimes.keras import KerasRuntime
    from edge_nas.training.untrained import untrained_network

    config, dataset = context.config, context.dataset
    for caution in cautions(dataset):
        context.progress.warning(caution)
    shape = dataset.format.shape
    student = untrained_network(config.model, shape, config.seed, dataset.task)
    network = student.flat
    _check_later_stages(context, student)
    teacher, teacher_history = _teacher(context, shape)
    features = output_features(network)
    if features.feeds_output_layer and config.train.decov_weight > 0:
        context.progress.note(
            f"one output channel has no correlations: DeCov acts on the features of {features.layer}, "
            "which feed the output layer"
        )
    monitor = _monitor(config.train.monitor, student, context)
    callbacks = [] if monitor is None else [monitor]
    history = context.fit(network, config.train, teacher=teacher, probed=student.probed, callbacks=callbacks)
    evaluation, trivial = evaluate(KerasRuntime(network).run, dataset), baselines(dataset)
    finding = no_better_than_trivial(
        evaluation.reported.metrics, {name: report.metrics for name, report in trivial.items()}
    )
    if finding is not None:
        context.progress.warning(f"the trained network is no better than a trivial predictor: its {finding}")
    return TrainOutput(
        model=store_network(network, "trained.npz", stage="train", run=context),
        teacher=store_network(teacher, "teacher.npz", stage="train", run=context) if teacher else None,
        history=history,
        teacher_history=teacher_history,
        decov_layer=features.layer,
        monitored=() if monitor is None else _records(monitor),
        evaluation=evaluation,
        teacher_evaluation=evaluate(KerasRuntime(teacher).run, dataset) if teacher else None,
        baselines=trivial,
        cost=keras_cost(network),
    )


STAGE = Stage(
    name="train",
    number=1,
    function=train,
    output=TrainOutput,
    reads=("seed", "model", "augmentation", "train"),
    needs=(),
    # A network that prune, quantize or compile refuses would be refused by them after hours of training.
    looks_ahead=("data.calibration_images", "prune", "quantize", "compile", "deploy.board"),
    outside_files=_model_files,
)


def _teacher(
    context: StageContext, input_shape: tuple[int, ...]
) -> "tuple[tf_keras.Model | None, tuple[EpochRecord, ...]]":
    """Returns the trained teacher and its epochs; (None, ()) where none is named."""
    from edge_nas.training.untrained import untrained_network

    spec = context.config.train
    if spec.teacher is None:
        return None, ()
    teacher = untrained_network(spec.teacher, input_shape, context.config.seed, context.dataset.task).flat
    # TensorBoard shows one training: the student's.
    return teacher, context.fit(teacher, _teacher_settings(spec), log_folder=None)


def _teacher_settings(spec: TrainSpec) -> FitSpec:
    """Returns the student's settings without the terms of the loss that shape a student."""
    settings = spec.model_dump(include=set(FitSpec.model_fields)) | {"epochs": spec.teacher_epochs}
    return FitSpec(**settings | {"distillation_weight": 0.0, "decov_weight": 0.0, "decov_layers": {}})


def _monitor(spec: MonitorSpec, student: "Mirror", context: StageContext) -> "NASMonitorCallback | None":
    from edge_nas.covariance.monitor import NASMonitorCallback

    if spec.every_epochs is None:
        return None
    return NASMonitorCallback(
        log_frequency=spec.every_epochs,
        layers=spec.layers or None,
        csv=context.folder / "redundancy.csv",
        tensorboard=context.folder / LOGS / "redundancy",
        network=student.detached,
    )


def _records(monitor: "NASMonitorCallback") -> tuple[RedundancyRecord, ...]:
    fields = tuple(RedundancyRecord.model_fields)
    return tuple(RedundancyRecord(**{field: getattr(record, field) for field in fields}) for record in monitor.records)


def _check_later_stages(context: StageContext, student: "Mirror") -> None:
    """Refuses what a later stage would refuse of the untrained network, before time goes into its training."""
    ahead = context.ahead
    calibration = context.dataset.calibration_set(ahead.data.calibration_images, context.config.seed)
    train = context.config.train
    settings = LaterSettings(train, train.monitor, ahead.prune, ahead.quantize, len(calibration))
    check_ahead(student, settings, context.dataset, context.progress.warning)
    warning = unfit_warning(student.flat, ahead.prune, ahead.quantize, ahead.compile, load_board(ahead.deploy.board))
    if warning is not None:
        context.progress.warning(warning)
