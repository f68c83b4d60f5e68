"""Residual blocks: branches that an addition adds to what goes around them, and networks without some of them.

    x ─┬─ depthwise ─ BatchNorm ─ ReLU ─ 1x1 ─ BatchNorm ─ Add ─ y        y = x + f(x)
       └──────────────────────────────────────────────────┘

Without the block y is x. A branch that ends in a BatchNorm can be *muted*, that is made to add zero by its gain and
shift, in a network whose structure stays; `without_blocks` then leaves it out for real, and computes the same.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras

from edge_nas.graph.surgery import copy
from edge_nas.graph.walk import Call, input_keys, layer_calls, output_keys

L = tf_keras.layers

_BRANCHES = 2  # an addition of more has no single way around


@dataclass(frozen=True)
class ResidualBlock:
    """One block.

    Attributes:
        name: of the Add layer.
        end: the BatchNorm that ends the branch.
        layers: of the branch, by name, from its beginning.
        shortcut: which of the Add's inputs goes around, 0 or 1.
    """

    name: str
    end: str
    layers: tuple[str, ...]
    shortcut: int

    def mute(self, network: tf_keras.Model) -> None:
        """Makes the branch add zero, in a network that has the block."""
        batchnorm = network.get_layer(self.end)
        batchnorm.gamma.assign(np.zeros(batchnorm.gamma.shape, np.float32))
        batchnorm.beta.assign(np.zeros(batchnorm.beta.shape, np.float32))


def residual_blocks(model: tf_keras.Model) -> tuple[ResidualBlock, ...]:
    """Returns the blocks that can be left out, in the order of the forward pass.

    A branch is a chain of layers of one input, each of which alone reads the one before, and ends in a BatchNorm with
    gain and shift. Nothing in it is called twice.
    """
    calls = layer_calls(model)
    makers = {key: call for call in calls for key in call.outputs}
    uses = Counter(key for call in calls for key in call.inputs)
    uses.update(output_keys(model))
    times_called = Counter(call.layer.name for call in calls)
    blocks = []
    for call in calls:
        if type(call.layer) is L.Add and len(call.inputs) == _BRANCHES:
            for shortcut in (0, 1):
                chain = _chain(call.inputs[1 - shortcut], call.inputs[shortcut], makers, uses)
                if chain and _ends_muted(chain) and all(times_called[each.layer.name] == 1 for each in (*chain, call)):
                    names = tuple(each.layer.name for each in chain)
                    blocks.append(ResidualBlock(call.layer.name, names[-1], names, shortcut))
                    break
    return tuple(blocks)


def muted(model: tf_keras.Model, blocks: Collection[ResidualBlock]) -> tf_keras.Model:
    """Returns a network of the same structure whose blocks add nothing; the same one where there are none."""
    if not blocks:
        return model
    copied = copy(model)
    for block in blocks:
        block.mute(copied)
    return copied


def without_blocks(model: tf_keras.Model, blocks: Collection[ResidualBlock]) -> tf_keras.Model:
    """Returns an independent network in which the Add of each block hands on what goes around it; other weights stay.

    It computes what the muted network does. The same one where there are no blocks.
    """
    if not blocks:
        return model
    shortcuts = {block.name: block.shortcut for block in blocks}
    left_out = {name for block in blocks for name in (block.name, *block.layers)}
    values: dict[str, Any] = {}
    made: dict[str, Any] = {}
    for call in layer_calls(model):
        name = call.layer.name
        if not call.inputs:
            values[call.outputs[0]] = L.Input(call.output_shapes[0][1:], name=name)
        elif name in shortcuts:
            values[call.outputs[0]] = values[call.inputs[shortcuts[name]]]
        elif name not in left_out:
            if name not in made:
                made[name] = type(call.layer).from_config(call.layer.get_config())
            tensors = {key: [values[key]] * len(call.inputs) for key in call.inputs}
            args, kwargs = call.node.map_arguments(tensors)
            values.update(zip(call.outputs, tf.nest.flatten(made[name](*args, **kwargs)), strict=True))
    inputs, outputs = ([values[key] for key in keys(model)] for keys in (input_keys, output_keys))
    network = tf_keras.Model(_packed(inputs), _packed(outputs), name=model.name)
    for name, layer in made.items():
        if layer.weights:
            layer.set_weights(model.get_layer(name).get_weights())
    return network


def _chain(end: str, start: str, makers: Mapping[str, Call], uses: Counter[str]) -> tuple[Call, ...]:
    """Returns the calls that lead from one tensor to another, each the only reader of the one before; () for none."""
    chain: list[Call] = []
    key = end
    while key != start:
        call = makers[key]
        if uses[key] > 1 or len(call.inputs) != 1:
            return ()
        chain.append(call)
        key = call.inputs[0]
    return tuple(reversed(chain))


def _ends_muted(chain: Sequence[Call]) -> bool:
    last = chain[-1].layer
    return type(last) is L.BatchNormalization and last.scale and last.center


def _packed(tensors: list[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else tensors
