"""TFMOT magnitude pruning: zeros in the kernels that are left. Dense int8 kernels gain no time from them."""

import tensorflow_model_optimization as tfmot
import tf_keras

from edge_nas.core.config import FitSpec, SparsitySpec
from edge_nas.graph.zeros import PRUNABLE
from edge_nas.results.train import EpochRecord
from edge_nas.runs.workspace import Fit

_UPDATES_PER_RUN = 20
"""So often over the training would TFMOT raise the share of zeros, if it did so to the end. A choice: each update
chooses the weights to zero anew, and the others learn to do without them until the next."""
_RISING_SHARE = 3 / 4
"""Share of the training in which the zeros become more; in the rest the other weights settle."""


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
    sparse = _wrapped(model, spec, spec.epochs * steps_per_epoch)
    history = fit(
        sparse,
        # Stopping early would leave the share of zeros below its target.
        fit_spec.model_copy(update={"epochs": spec.epochs, "decov_weight": 0.0, "decov_layers": {}, "patience": None}),
        teacher=teacher,
        keep_best=False,
        callbacks=[tfmot.sparsity.keras.UpdatePruningStep()],
    )
    return tfmot.sparsity.keras.strip_pruning(sparse), history


def _wrapped(model: tf_keras.Model, spec: SparsitySpec, steps: int) -> tf_keras.Model:
    """Returns a copy whose convolution and dense layers are wrapped by TFMOT, for a training of so many steps."""
    schedule = tfmot.sparsity.keras.PolynomialDecay(
        initial_sparsity=0.0,
        final_sparsity=spec.target,
        begin_step=0,
        end_step=max(1, int(steps * _RISING_SHARE)),
        frequency=max(1, steps // _UPDATES_PER_RUN),
    )
    pattern = (2, 4) if spec.pattern == "2:4" else None

    def wrap(layer: tf_keras.layers.Layer) -> tf_keras.layers.Layer:
        # TFMOT wraps the very layer it is given, so it is given a copy.
        counterpart = layer.__class__.from_config(layer.get_config())
        if type(layer) not in PRUNABLE:
            return counterpart
        return tfmot.sparsity.keras.prune_low_magnitude(counterpart, pruning_schedule=schedule, sparsity_m_by_n=pattern)

    wrapped = tf_keras.models.clone_model(model, clone_function=wrap)
    counterparts = {layer.name: layer for layer in wrapped.layers}
    for layer in model.layers:
        wrapper = counterparts.get(f"prune_low_magnitude_{layer.name}")
        counterpart = counterparts[layer.name] if wrapper is None else wrapper.layer
        counterpart.set_weights(layer.get_weights())
    return wrapped
