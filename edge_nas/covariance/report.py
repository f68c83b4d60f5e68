"""The redundancy of every layer of a network in one pass over images."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import tf_keras

from edge_nas.core.jointinputs import NetworkInputs, fed
from edge_nas.covariance.redundancy import measure
from edge_nas.covariance.selectors import activations
from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.graph.probes import ProbedTensor
from edge_nas.graph.walk import Call, layer_calls
from edge_nas.layers import kind_of
from edge_nas.results.redundancy import ChannelRedundancy, RedundancyReport


class LayerOutput(NamedTuple):
    """A layer with a kernel, and the tensor that the rest of the network sees of it: after BatchNorm and activation."""

    name: str
    kind: str
    tensor: Any


def layer_outputs(model: tf_keras.Model) -> tuple[LayerOutput, ...]:
    """Returns every layer of a flat network that has a kernel, in the order of the forward pass; each once."""
    calls = layer_calls(model)
    outputs: dict[str, LayerOutput] = {}
    for call in calls:
        layer = call.layer
        if kind_of(layer).in_file.kernels and layer.name not in outputs:
            last = _last_follower(call, calls)
            outputs[layer.name] = LayerOutput(layer.name, type(layer).__name__, last.node.outputs)
    return tuple(outputs.values())


def _last_follower(call: Call, calls: Sequence[Call]) -> Call:
    """Returns the last of the calls behind one that only finish what it has begun: BatchNorm, activation, dropout."""
    while True:
        readers = [other for other in calls if call.outputs[0] in other.inputs]
        if len(readers) != 1 or kind_of(readers[0].layer).in_file.becomes == "operator":
            return call
        call = readers[0]


def probe_outputs(model: tf_keras.Model, probed: Iterable[ProbedTensor]) -> tuple[LayerOutput, ...]:
    """Returns what the probes of a flat network see, under the names by which selectors find them."""
    probes = list(probed)
    named = list(activations(model, probes).items())
    # Layers come first there, then the probes in their order.
    of_probes = named[len(named) - len(probes) :]
    return tuple(LayerOutput(name, "Probe", activation.tensor) for name, activation in of_probes)


def measured_layers(
    model: tf_keras.Model,
    inputs: NetworkInputs,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
    batch: int = 32,
    *,
    probed: Iterable[ProbedTensor] = (),
) -> tuple[ChannelRedundancy, ...]:
    """Returns the redundancy of every layer's channels, and of what probes see, over all positions of all images.

    Args:
        model: flat network.
        inputs: (N, ...) float32 network inputs.
        tick: told (images done, images) on the way.
        batch: images per forward pass.
        probed: what probes see of `model`, from `edge_nas.graph.flatten.mirror`.
    """
    statistics = layer_statistics(model, inputs, tick, batch, probed=probed)
    return tuple(measure(output.name, output.kind, statistic) for output, statistic in statistics)


def redundancy_report(
    model: tf_keras.Model,
    inputs: NetworkInputs,
    width_error: float,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
    batch: int = 32,
    *,
    probed: Iterable[ProbedTensor] = (),
) -> RedundancyReport:
    """Returns the `measured_layers`, each with the width that would do; the other arguments are the same.

    Args:
        model: flat network.
        inputs: (N, ...) float32 network inputs.
        width_error: share of a layer's variance that its suggested width may lose.
        tick: told (images done, images) on the way.
        batch: images per forward pass.
        probed: what probes see of `model`.
    """
    layers = measured_layers(model, inputs, tick, batch, probed=probed)
    return RedundancyReport(images=len(inputs), layers=tuple(layer.with_suggestion(width_error) for layer in layers))


def layer_statistics(
    model: tf_keras.Model,
    inputs: NetworkInputs,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
    batch: int = 32,
    *,
    probed: Iterable[ProbedTensor] = (),
) -> tuple[tuple[LayerOutput, StreamingCovariance], ...]:
    """Returns the statistics behind `measured_layers`, layer by layer; the arguments are the same."""
    outputs = (*layer_outputs(model), *probe_outputs(model, probed))
    if not outputs:
        return ()
    extractor = tf_keras.Model(model.inputs, [output.tensor for output in outputs])
    statistics = [StreamingCovariance(int(output.tensor.shape[-1])) for output in outputs]
    for start in range(0, len(inputs), batch):
        values = extractor(fed(inputs[start : start + batch]), training=False)
        if len(outputs) == 1:  # Keras gives no list of one
            values = [values]
        for statistic, value in zip(statistics, values, strict=True):
            statistic.update(value.numpy())
        tick(min(start + batch, len(inputs)), len(inputs))
    return tuple(zip(outputs, statistics, strict=True))
