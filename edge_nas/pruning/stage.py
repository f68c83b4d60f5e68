"""Stage 3: channels removed, readers repaired, the rest fine-tuned by distillation from the network before."""

import math
from collections.abc import Mapping

import numpy as np
import tf_keras

from edge_nas.core.atomic import write_json
from edge_nas.core.config import PruneSpec
from edge_nas.core.outputs import PruneOutput, TrainOutput
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.core.reports import EpochRecord
from edge_nas.core.workspace import Fit, Workspace
from edge_nas.covariance.report import redundancy_report
from edge_nas.data.dataset import Dataset
from edge_nas.errors import GateError
from edge_nas.evaluation.splits import judge
from edge_nas.models.artifacts import store_network
from edge_nas.models.files import load_model
from edge_nas.pruning.engine import Pruned, remove_channels
from edge_nas.pruning.schedule import remove_in_steps
from edge_nas.pruning.sparsity import sparsify, zero_share
from edge_nas.runtimes.keras import KerasRuntime

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

    With ratio 0 nothing is removed, and nothing is repaired or fine-tuned.

    Raises:
        GateError: the narrowed network is not the masked one.
    """
    original = load_model(run.path_of(trained.model))
    preprocessing = Preprocessing()
    calibration = dataset.calibration_set(calibration_images, seed)
    inputs = preprocessing.apply(calibration.images)
    val_inputs = preprocessing.apply(dataset.val.images)
    gates = []

    def remove(network: tf_keras.Model, step_spec: PruneSpec, widths: Mapping[str, int] | None) -> Pruned:
        pruned = remove_channels(
            network,
            inputs,
            step_spec,
            seed,
            run.progress.step,
            labels=calibration.masks,
            check_inputs=val_inputs,
            widths=widths,
        )
        gates.append(_check_surgery(pruned, val_inputs[:_GATE_IMAGES]))
        return pruned

    def tune(network: tf_keras.Model) -> tuple[EpochRecord, ...]:
        return fit(network, spec.fine_tune.model_copy(update={"epochs": spec.step_epochs}), teacher=original)

    pruned, plan, between = remove_in_steps(original, spec, remove, tune)
    difference, allowed = max(gates, key=lambda gate: gate[0] / gate[1])
    network = pruned.repaired
    stored = store_network(network, "repaired.npz", stage="prune", run=run, parent=trained.model)
    repaired = judge(KerasRuntime(network).run, dataset)
    network, history = _refine(network, spec, original, fit, math.ceil(len(dataset.train) / spec.fine_tune.batch_size))
    write_json(run.folder / "plan.json", plan.to_data())
    return PruneOutput(
        plan=plan,
        repaired_model=stored,
        model=store_network(network, "pruned.npz", stage="prune", run=run, parent=stored),
        history=between + history,
        repaired=repaired,
        pruned=judge(KerasRuntime(network).run, dataset),
        masked_max_abs=difference,
        masked_tolerance=allowed,
        redundancy=redundancy_report(network, inputs, width_error),
        zero_share=zero_share(network) if spec.sparsity else None,
    )


def _check_surgery(pruned: Pruned, inputs: np.ndarray) -> tuple[float, float]:
    """Returns (largest difference, what is allowed) between the narrowed and the masked network's outputs."""
    masked = KerasRuntime(pruned.masked).run(inputs)
    difference = float(np.max(np.abs(KerasRuntime(pruned.narrowed).run(inputs) - masked)))
    allowed = SURGERY_TOLERANCE * max(1.0, float(np.max(np.abs(masked))))
    if not difference <= allowed:
        raise GateError(
            f"surgery: the narrowed network differs from the masked one by {difference:g}, allowed {allowed:g}; "
            "a layer does not pass channels on the way its channel rule says"
        )
    return difference, allowed


def _refine(
    network: tf_keras.Model, spec: PruneSpec, original: tf_keras.Model, fit: Fit, steps_per_epoch: int
) -> tuple[tf_keras.Model, tuple[EpochRecord, ...]]:
    history: tuple[EpochRecord, ...] = ()
    if spec.ratio > 0 or spec.budget is not None:
        history = fit(network, spec.fine_tune, teacher=original)
    if spec.sparsity is not None:
        network, more = sparsify(
            network, spec.sparsity, spec.fine_tune, steps_per_epoch=steps_per_epoch, fit=fit, teacher=original
        )
        history += more
    return network, history
