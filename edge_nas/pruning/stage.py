"""Stage 3: channels removed, readers repaired, the rest fine-tuned by distillation from the network before."""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.core.atomic import write_json
from edge_nas.core.config import PruneSpec
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.covariance.report import redundancy_report
from edge_nas.data.dataset import Dataset
from edge_nas.errors import GateError
from edge_nas.evaluation.evaluate import evaluate
from edge_nas.graph.zeros import zero_share
from edge_nas.models.artifacts import store_network
from edge_nas.models.files import load_model
from edge_nas.pruning.checkpoint import Checkpoint, Gate
from edge_nas.pruning.preconditions import check_preconditions
from edge_nas.pruning.removal import Removal, remove_channels
from edge_nas.pruning.rounds import Removed, remove_in_steps
from edge_nas.pruning.sparsity import sparsify
from edge_nas.results.prune import PruneOutput
from edge_nas.results.train import EpochRecord, TrainOutput
from edge_nas.runs.progress import Progress
from edge_nas.runs.workspace import Fit, Workspace
from edge_nas.runtimes.keras import KerasRuntime
from edge_nas.tasks.task import OutputKind

SURGERY_TOLERANCE = 1e-5
_GATE_IMAGES = 64


def prune(
    spec: PruneSpec,
    *,
    trained: TrainOutput,
    dataset: Dataset,
    calibration_images: int | None,
    width_error: float,
    seed: int,
    fit: Fit,
    run: Workspace,
) -> PruneOutput:
    """Returns the narrower network after repair (`repaired.npz`) and after fine-tuning (`pruned.npz`).

    With ratio 0 nothing is removed, and nothing is repaired or fine-tuned. With sparsity, `dense.npz` is the network
    before its weights were zeroed. Interrupted between two removals, the stage goes on after the last finished one.

    Raises:
        GateError: the narrowed network is not the masked one.
        ConfigError, DataError: the network cannot be pruned as `spec` says.
    """
    original = load_model(run.path_of(trained.model))
    images = _images(dataset, calibration_images, seed)
    check_preconditions(original, spec, len(images.inputs))
    remove = partial(_remove, images=images, output_kind=dataset.task.output_kind, seed=seed, progress=run.progress)
    between = spec.fine_tune.model_copy(update={"epochs": spec.round_epochs})
    reached = remove_in_steps(
        original,
        spec,
        remove,
        lambda network: fit(network, between, teacher=original),
        Checkpoint(run.interim(), run.progress.warning),
    )
    stored = store_network(reached.network, "repaired.npz", stage="prune", run=run, parent=trained.model)
    repaired = evaluate(KerasRuntime(reached.network).run, dataset)
    refined = _refine(reached.network, spec, original, fit, len(dataset.train))
    write_json(run.folder / "plan.json", reached.plan.to_data())
    store = partial(store_network, stage="prune", run=run, parent=stored)
    return PruneOutput(
        plan=reached.plan,
        repaired_model=stored,
        model=store(refined.network, "pruned.npz"),
        dense_model=store(refined.dense, "dense.npz") if refined.dense is not None else None,
        history=reached.history + refined.history,
        repaired=repaired,
        pruned=evaluate(KerasRuntime(refined.network).run, dataset),
        masked_max_abs=reached.gate.difference,
        masked_tolerance=reached.gate.allowed,
        redundancy=redundancy_report(refined.network, images.inputs, width_error),
        zero_share=zero_share(refined.network) if spec.sparsity else None,
    )


class _Images(NamedTuple):
    """Calibration inputs with their labels, and the inputs on which candidates and surgery are checked."""

    inputs: npt.NDArray[np.float32]
    labels: npt.NDArray[Any]
    val: npt.NDArray[np.float32]


def _images(dataset: Dataset, calibration_images: int | None, seed: int) -> _Images:
    calibration = dataset.calibration_set(calibration_images, seed)
    apply = Preprocessing().apply
    return _Images(apply(calibration.images), calibration.labels, apply(dataset.val.images))


def _remove(
    network: tf_keras.Model,
    spec: PruneSpec,
    widths: Mapping[str, int] | None,
    *,
    images: _Images,
    output_kind: OutputKind,
    seed: int,
    progress: Progress,
) -> Removed:
    """Returns what one removal makes of a network, its surgery checked."""
    pruned = remove_channels(
        network,
        images.inputs,
        spec,
        seed,
        progress.step,
        labels=images.labels,
        output_kind=output_kind,
        check_inputs=images.val,
        widths=widths,
    )
    return Removed(pruned.repaired, pruned.plan, _check_surgery(pruned, images.val[:_GATE_IMAGES]))


def _check_surgery(pruned: Removal, inputs: npt.NDArray[np.float32]) -> Gate:
    """Returns how far the narrowed network's outputs are from the masked network's."""
    masked = KerasRuntime(pruned.masked).run(inputs)
    difference = float(np.max(np.abs(KerasRuntime(pruned.narrowed).run(inputs) - masked)))
    allowed = SURGERY_TOLERANCE * max(1.0, float(np.max(np.abs(masked))))
    if not difference <= allowed:
        raise GateError(
            f"surgery: the narrowed network differs from the masked one by {difference:g}, allowed {allowed:g}; "
            "a layer does not pass channels on the way its channel rule says"
        )
    return Gate(difference, allowed)


class _Refined(NamedTuple):
    """The network that is handed on, the one before its weights were zeroed (None: none were), and the epochs."""

    network: tf_keras.Model
    dense: tf_keras.Model | None
    history: tuple[EpochRecord, ...]


def _refine(network: tf_keras.Model, spec: PruneSpec, original: tf_keras.Model, fit: Fit, images: int) -> _Refined:
    """Fine-tunes a network in place, and zeroes weights of a copy of it where that is asked for."""
    history: tuple[EpochRecord, ...] = ()
    if spec.ratio > 0 or spec.budget is not None:
        history = fit(network, spec.fine_tune, teacher=original)
    if spec.sparsity is None:
        return _Refined(network, None, history)
    steps_per_epoch = math.ceil(images / spec.fine_tune.batch_size)
    sparse, more = sparsify(
        network, spec.sparsity, spec.fine_tune, steps_per_epoch=steps_per_epoch, fit=fit, teacher=original
    )
    return _Refined(sparse, network, history + more)
