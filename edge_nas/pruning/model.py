"""Pruning of any model in hand, without a run, a configuration or labels.

smaller, plan = prune_model(model, images, ratio=0.5)    # uint8 pixels (N, H, W, 3), or float network inputs
plan.after.macs / plan.before.macs
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy.typing as npt
import tf_keras
from pydantic import ValidationError

from edge_nas.core.config import PruneSpec, Scheme
from edge_nas.core.configerrors import SettingPlaces, explain
from edge_nas.errors import ConfigError
from edge_nas.graph.flatten import InputShape
from edge_nas.graph.handed import handed, inputs_of
from edge_nas.models.outside import as_tf_keras
from edge_nas.pruning.removal import remove_channels
from edge_nas.results.prune import PruningPlan
from edge_nas.runs.progress import Tick, no_tick

_OF_TRAINING = ("fine_tune", "sparsity", "rounds", "round_epochs")


def prune_model(
    model: tf_keras.Model,
    images: Any,
    ratio: float = 0.5,
    *,
    labels: npt.NDArray[Any] | None = None,
    groups: Sequence[str] | None = None,
    check_images: Any | None = None,
    input_shape: InputShape | None = None,
    seed: int = 0,
    scheme: Scheme = "qat",
    tick: Tick = no_tick,
    **settings: Any,
) -> tuple[tf_keras.Model, PruningPlan]:
    """Returns a narrower network, its readers repaired, and the plan of what went; `model` is not changed.

    Warns (UserWarning) of readers that could not be repaired; `plan.unrepaired` names them.

    Args:
        model: any model, of tf_keras or Keras 3; what is returned is of tf_keras.
        images: calibration images, (N, H, W, 3) uint8 pixels or (N, ...) float network inputs, or a tf.data.Dataset
            of either, alone or in pairs with labels; a list or a dictionary of arrays for a model of several inputs.
        ratio: share of the channels removed from every group, from 0 to below 1.
        labels: masks or classes; only criterion "taylor" needs them.
        groups: one per image, of those that resemble each other (one drive, one photograph): where a search under a
            budget keeps a third of the images for its comparisons, it keeps whole groups.
        check_images: other images for these comparisons, such as the model was not trained on and nothing else is
            measured on; no calibration images are kept then.
        input_shape: (H, W, C) of a model that was never built; that of the images where left out.
        seed: of the positions that the repair looks at, and of criterion "random".
        scheme: how it is going to be quantized, for budgets of what its C takes.
        tick: told (what, done, total) on the way.
        settings: other settings of `edge_nas.core.config.PruneSpec`, such as criterion="l1" or leave=["stem"].

    Raises:
        ConfigError: a setting that does not exist or is out of range; no such criterion or layer.
        GraphError: the model cannot be flattened.
        DataError: too few images, or activations that are not finite.
    """
    spec = _spec({"ratio": ratio, **settings})
    given = handed(as_tf_keras(model, several=True), images, input_shape)
    if labels is None:
        labels = given.labels
    check_inputs = None if check_images is None else inputs_of(given.flat, check_images)
    removal = remove_channels(
        given.flat,
        given.inputs,
        spec,
        seed,
        tick,
        labels=labels,
        groups=groups,
        check_inputs=check_inputs,
        scheme=scheme,
    )
    if removal.plan.warning is not None:
        warnings.warn(removal.plan.warning, stacklevel=2)
    return removal.repaired, removal.plan


def _spec(settings: dict[str, Any]) -> PruneSpec:
    for name in _OF_TRAINING:
        if name in settings:
            raise ConfigError(
                f"prune_model does not train, so it takes no {name}: use edge_nas.build, or train the result"
            )
    try:
        return PruneSpec.model_validate(settings)
    except ValidationError as error:
        raise ConfigError(explain(error, PruneSpec, SettingPlaces({}, "prune_model"))) from None
