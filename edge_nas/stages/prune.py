"""Stage 3: channels removed, readers repaired, the rest fine-tuned by distillation from the network before."""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nas.core.atomic import write_json
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.results.prune import PruneOutput
from edge_nas.results.train import EpochRecord, TrainOutput
from edge_nas.stages.contract import Stage, StageContext

if TYPE_CHECKING:
    import tf_keras

    from edge_nas.pruning.checkpoint import FinishedRounds
    from edge_nas.pruning.rounds import Round, RoundAim

_GATE_IMAGES = 64
"""Surgery is checked on so many images of val: it goes wrong in every image or in none."""


def prune(context: StageContext) -> PruneOutput:
    """Returns the narrower network after repair (`repaired.npz`) and after fine-tuning (`pruned.npz`).

    With ratio 0 nothing is removed, and nothing is repaired or fine-tuned. With sparsity, `dense.npz` is the network
    before its weights were zeroed. Interrupted between two rounds, the stage goes on after the last finished one.

    Raises:
        GateError: the narrowed network is not the masked one.
        ConfigError, DataError: the network cannot be pruned as the settings say.
    """
    load_tensorflow()
    from edge_nas.covariance.report import measured_layers
    from edge_nas.evaluation.evaluate import evaluate
    from edge_nas.graph.zeros import zero_share
    from edge_nas.models.artifacts import store_network
    from edge_nas.models.files import load_model
    from edge_nas.runtimes.keras import KerasRuntime

    config, trained = context.config, context.output(TrainOutput)
    original = load_model(context.path_of(trained.model))
    images = _images(context)
    finished = _remove_in_rounds(original, images, context)
    if finished.plan.warning is not None:
        context.progress.warning(finished.plan.warning)
    stored = store_network(finished.network, "repaired.npz", stage="prune", run=context, parent=trained.model)
    repaired = evaluate(KerasRuntime(finished.network).run, context.dataset)
    refined = _refine(finished.network, original, context)
    write_json(context.folder / "plan.json", finished.plan.to_data())
    dense = None
    if refined.dense is not None:
        dense = store_network(refined.dense, "dense.npz", stage="prune", run=context, parent=stored)
    return PruneOutput(
        plan=finished.plan,
        repaired_model=stored,
        model=store_network(refined.network, "pruned.npz", stage="prune", run=context, parent=stored),
        dense_model=dense,
        history=finished.history + refined.history,
        repaired=repaired,
        pruned=evaluate(KerasRuntime(refined.network).run, context.dataset),
        masked_max_abs=finished.gate.difference,
        masked_tolerance=finished.gate.allowed,
        redundancy=measured_layers(refined.network, images.inputs),
        zero_share=zero_share(refined.network) if config.prune.sparsity else None,
    )


STAGE = Stage(
    name="prune",
    number=3,
    function=prune,
    output=PruneOutput,
    # What the C takes, which a budget may limit, hangs on the scheme.
    reads=("seed", "data.calibration_images", "augmentation", "prune", "quantize.scheme"),
    needs=("train",),
)


class _Images(NamedTuple):
    """Calibration inputs with their labels and groups, and the inputs of val on which surgery is checked."""

    inputs: npt.NDArray[np.float32]
    labels: npt.NDArray[Any]
    groups: tuple[str, ...] | None
    val: npt.NDArray[np.float32]


def _images(context: StageContext) -> _Images:
    config, dataset = context.config, context.dataset
    calibration = dataset.calibration_set(config.data.calibration_images, config.seed)
    return _Images(calibration.inputs(), calibration.labels, calibration.groups, dataset.val.inputs())


def _remove_in_rounds(original: "tf_keras.Model", images: _Images, context: StageContext) -> "FinishedRounds":
    """Returns what the rounds come to; an interrupted stage's finished ones are not done again."""
    from edge_nas.pruning.checkpoint import Checkpoint
    from edge_nas.pruning.preconditions import check_preconditions
    from edge_nas.pruning.rounds import remove_in_rounds

    spec = context.config.prune
    between = spec.fine_tune.model_copy(update={"epochs": spec.round_epochs})

    def remove(network: "tf_keras.Model", aim: "RoundAim") -> "Round":
        return _remove(network, aim, images, context)

    def tune(network: "tf_keras.Model") -> tuple[EpochRecord, ...]:
        return context.fit(network, between, teacher=original)

    scheme = context.config.quantize.scheme
    check_preconditions(original, spec, len(images.inputs), scheme)
    checkpoint = Checkpoint(context.interim(), context.progress.warning)
    return remove_in_rounds(original, spec, remove, tune, checkpoint, scheme=scheme)


def _remove(network: "tf_keras.Model", aim: "RoundAim", images: _Images, context: StageContext) -> "Round":
    """Returns what one removal makes of a network, its surgery checked."""
    from edge_nas.pruning.gate import check_surgery
    from edge_nas.pruning.removal import remove_channels
    from edge_nas.pruning.rounds import Round

    pruned = remove_channels(
        network,
        images.inputs,
        aim.spec,
        context.config.seed,
        context.progress.tick,
        labels=images.labels,
        output_kind=context.dataset.task.output_kind,
        groups=images.groups,
        widths=aim.widths,
        scheme=context.config.quantize.scheme,
    )
    return Round(pruned.repaired, pruned.plan, check_surgery(pruned, images.val[:_GATE_IMAGES]))


class _Refined(NamedTuple):
    """The network that is handed on, the one before its weights were zeroed (None: none were), and the epochs."""

    network: "tf_keras.Model"
    dense: "tf_keras.Model | None"
    history: tuple[EpochRecord, ...]


def _refine(network: "tf_keras.Model", original: "tf_keras.Model", context: StageContext) -> _Refined:
    """Fine-tunes a network in place, and zeroes weights of a copy of it where that is asked for."""
    from edge_nas.pruning.sparsity import sparsify

    spec = context.config.prune
    history: tuple[EpochRecord, ...] = ()
    if spec.ratio > 0 or spec.budget is not None:
        history = context.fit(network, spec.fine_tune, teacher=original)
    if spec.sparsity is None:
        return _Refined(network, None, history)
    steps_per_epoch = math.ceil(len(context.dataset.train) / spec.fine_tune.batch_size)
    sparse, more = sparsify(
        network, spec.sparsity, spec.fine_tune, steps_per_epoch=steps_per_epoch, fit=context.fit, teacher=original
    )
    return _Refined(sparse, network, history + more)
