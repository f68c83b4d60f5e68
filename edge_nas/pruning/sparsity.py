"""TFMOT magnitude pruning: zeros in the kernels that are left. Dense int8 kernels gain no time from them."""

import tensorflow_model_optimization as tfmot
import tf_keras

from edge_nas.core.config import FitSpec, SparsitySpec
from edge_nas.graph.zeros import PRUNABLE
from edge_nas.results.train import EpochRecord
from edge_nas.runs.workspace import Fit

_UPDATES = 10
"""How often over the run TFMOT raises the share of zeros."""


def sparsify(
    model: tf_keras.Model,
    spec: SparsitySpec,
    fit_spec: FitSpec,
    *,
    steps_per_epoch: int,
    fit: Fit,
    teacher: tf_keras.Model,
) -> tuple[tf_keras.Model, tuple[EpochRecord, ...]]:
    """Returns a network of the same shape whose convolution and dense kernels hold `spec.target` of zeros.

    With the pattern 2:4 two of four weights along the input channels are zero, from the first update on, where there
    are four.

    TFMOT 0.8.1 accepts depthwise layers but never prunes them, and refuses a network with one unknown layer, so only
    Conv2D and Dense are wrapped. The share rises by TFMOT's cubic schedule (Zhu & Gupta, arXiv 1710.01878).

    Args:
        model: flat float network; not changed.
        spec: share of zeros and epochs.
        fit_spec: the other settings of the run.
        steps_per_epoch: optimizer steps per epoch.
        fit: trains.
        teacher: for the distillation that fit_spec asks for.
    """
    steps = spec.epochs * steps_per_epoch
    schedule = tfmot.sparsity.keras.PolynomialDecay(
        initial_sparsity=0.0,
        final_sparsity=spec.target,
        begin_step=0,
        end_step=max(1, steps * 3 // 4),
        frequency=max(1, steps // (2 * _UPDATES)),
    )

    def wrapped(layer: tf_keras.layers.Layer) -> tf_keras.layers.Layer:
        twin = layer.__class__.from_config(layer.get_config())  # TFMOT wraps the very layer it is given
        if type(layer) in PRUNABLE:
            pattern = (2, 4) if spec.pattern == "2:4" else None
            return tfmot.sparsity.keras.prune_low_magnitude(twin, pruning_schedule=schedule, sparsity_m_by_n=pattern)
        return twin

    sparse = tf_keras.models.clone_model(model, clone_function=wrapped)
    for layer in model.layers:
        if layer.weights:
            names = [f"prune_low_magnitude_{layer.name}", layer.name]
            twin = next(sparse.get_layer(name) for name in names if name in {other.name for other in sparse.layers})
            getattr(twin, "layer", twin).set_weights(layer.get_weights())
    history = fit(
        sparse,
        # Stopping early would leave the share of zeros below its target.
        fit_spec.model_copy(update={"epochs": spec.epochs, "decov_weight": 0.0, "decov_layers": {}, "patience": None}),
        teacher=teacher,
        keep_best=False,
        callbacks=[tfmot.sparsity.keras.UpdatePruningStep()],
    )
    return tfmot.sparsity.keras.strip_pruning(sparse), history
