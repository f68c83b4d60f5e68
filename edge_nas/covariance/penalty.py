"""Which features of a network the DeCov penalty acts on, with which weights, and its value."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import tf_keras

from edge_nas.covariance.decov import check_weight, covariance_redundancy
from edge_nas.covariance.selectors import Activation, Selector, Selectors, activations, select
from edge_nas.errors import ConfigError
from edge_nas.graph.features import OutputFeatures, output_features
from edge_nas.graph.probes import ProbedTensor

OUTPUT = "output"

Where = Selectors | Mapping[Selector, float]

_LOG = logging.getLogger(__name__)


class Penalised(NamedTuple):
    """A symbolic tensor of a flat network, what it is called, and its weight in the loss."""

    name: str
    tensor: Any
    weight: float


class FeaturePenalty:
    """The DeCov penalty of a flat network.

    Args:
        flat: flat functional network; its layers and variables are used, not copied.
        weight: of each chosen tensor; None where `where` gives the weights.
        where: "output": the output or, where that has one channel, the features that feed the output layer;
            selectors of layers and probes (see `edge_nas.covariance.selectors`); or {selector: weight}, where a later
            selector overrides an earlier one and "output" may be among them.
        probed: what the network's probes see.
        normalize, stride: see `covariance_redundancy`.

    `network` gives [outputs, features] in one forward pass; `features` says which they are; `weight` is the sum of
    their weights. The penalty of a step is `weight * penalty(features)`. `output`: what "output" came to, or None.

    Raises:
        ConfigError: a weight below 0, a selector that matches nothing or only layers of one channel.
        GraphError: "output" is asked for, and no layer with several channels leads to the output.
    """

    def __init__(
        self,
        flat: tf_keras.Model,
        weight: float | None,
        where: Where = OUTPUT,
        probed: Iterable[ProbedTensor] = (),
        *,
        normalize: bool = True,
        stride: int = 1,
    ) -> None:
        weights = _weights(weight, where)
        self.output = output_features(flat) if OUTPUT in weights else None
        candidates = activations(flat, probed)
        chosen: dict[str, Penalised] = {}
        for selector, value in weights.items():
            if selector == OUTPUT and self.output is not None:
                chosen[self.output.layer] = Penalised(self.output.layer, self.output.tensor, value)
                continue
            for name, tensor in _of_many_channels(selector, candidates).items():
                chosen[name] = Penalised(name, tensor, value)
        self.features = tuple(chosen.values())
        self.weight = sum(feature.weight for feature in self.features)
        self.network = tf_keras.Model(flat.input, [flat.output, [feature.tensor for feature in self.features]])
        self._normalize, self._stride = normalize, stride

    def penalty(self, features: Any) -> Any:
        """Returns the mean of the features' penalties, weighted by their weights; with normalize it lies in [0, ½].

        Args:
            features: values of `features`, in their order.
        """
        mean = 0.0
        for feature, value in zip(self.features, features, strict=True):
            # Without any weight it is still shown, as the plain mean.
            share = feature.weight / self.weight if self.weight else 1.0 / len(self.features)
            mean = mean + share * covariance_redundancy(value, self._normalize, self._stride)
        return mean


def tell_features(features: OutputFeatures) -> None:
    """Says in the log which features stand for an output of one channel."""
    if features.feeds_output_layer:
        _LOG.warning(
            "one output channel has no correlations: the features of %s, which feed the output layer, stand for it",
            features.layer,
        )


def _weights(weight: float | None, where: Where) -> dict[Selector, float]:
    """Returns the weight of each selector, in either of the two ways in which they can be given."""
    if isinstance(where, Mapping):
        if weight is not None:
            raise ConfigError(f"weight is {weight!r} and where gives weights too; leave weight out")
        if not where:
            raise ConfigError('where is empty; name layers and weights, such as {"encoder_*_relu": 0.05}')
        return {selector: check_weight(value, f"the weight of {selector!r}") for selector, value in where.items()}
    if weight is None:
        raise ConfigError("no weight is given; give one, such as weight=0.05")
    value = check_weight(weight, "weight")
    if isinstance(where, Iterable) and not isinstance(where, str):
        selectors = list(where)
        if not selectors:
            raise ConfigError('where is empty; name layers, such as ["encoder_*_relu"], or say "output"')
        return dict.fromkeys(selectors, value)
    return {where: value}


def _of_many_channels(selector: Selector, candidates: Mapping[str, Activation]) -> dict[str, Any]:
    """Returns the tensors of more than one channel that a selector chooses, by name."""
    chosen = select(selector, candidates, "where")
    wide = {name: activation.tensor for name, activation in chosen.items() if activation.tensor.shape[-1] != 1}
    if not wide:
        raise ConfigError(
            f"where: {selector!r} matches {', '.join(chosen)} with one channel, which has no correlations: the penalty "
            "would be 0 for ever; name a layer before it"
        )
    return wide
