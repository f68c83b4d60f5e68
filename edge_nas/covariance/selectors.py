"""Which activations of a network: by exact name, glob or regular expression.

    "encoder_0_pointwise_relu"        the layer of that name, or every probe with that label
    "encoder_*_relu"                  a glob: * ? [abc]
    "re:encoder_[02]_.*"              a regular expression that the whole name must match; re.compile(...) also does

Names are those of the flat network (`edge_nas.graph.flatten`), which are places in the model: `encoder_0_pointwise` is
`model.encoder[0].pointwise`.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import tensorflow as tf
import tf_keras

from edge_nas.errors import ConfigError
from edge_nas.graph.probes import ProbedTensor
from edge_nas.graph.walk import layer_calls

Selector = str | re.Pattern[str]
Selectors = Selector | Iterable[Selector]

_REGULAR = "re:"
_NEAREST, _LISTED = 5, 20


class Activation(NamedTuple):
    """A symbolic tensor of a flat network; `label` is what a probe calls it, for a layer its name."""

    label: str
    tensor: Any


def activations(flat: tf_keras.Model, probed: Iterable[ProbedTensor] = ()) -> dict[str, Activation]:
    """Returns every activation of a flat network by name: layers in the order of the forward pass, then probes.

    The second call of a layer is `name#2`; of several outputs, the second is `name[1]`. A probe goes by its label
    where that is unique, else by its place and label.
    """
    found: dict[str, Activation] = {}
    times: dict[str, int] = {}
    for call in layer_calls(flat):
        if isinstance(call.layer, tf_keras.layers.InputLayer):
            continue
        times[call.layer.name] = times.get(call.layer.name, 0) + 1
        again = f"#{times[call.layer.name]}" if times[call.layer.name] > 1 else ""
        for index, tensor in enumerate(tf.nest.flatten(call.node.outputs)):
            name = f"{call.layer.name}{again}" + (f"[{index}]" if index else "")
            found[name] = Activation(name, tensor)
    probes = list(probed)
    for probe in probes:
        alone = [other.label for other in probes].count(probe.label) == 1
        wanted = probe.label if alone else "_".join(filter(None, [probe.place, probe.label]))
        found[_unused(wanted, found)] = Activation(probe.label, probe.tensor)
    return found


def select(selectors: Selectors, among: Mapping[str, Activation], where: str = "selectors") -> dict[str, Activation]:
    """Returns the activations that any of the selectors matches, in the order of `among`.

    Args:
        selectors: one or several.
        among: what `activations` returns.
        where: the argument that the user gave them in, for the message.

    Raises:
        ConfigError: a selector matches nothing, is no regular expression, or there is none.
    """
    given = [selectors] if isinstance(selectors, str | re.Pattern) else list(selectors)
    if not given:
        raise ConfigError(f'{where}: no selector is given; name layers, such as "*_relu"')
    chosen: set[str] = set()
    for selector in given:
        matching = [name for name, activation in among.items() if _matches(selector, name, activation.label, where)]
        if not matching:
            raise ConfigError(_nothing(selector, among, where))
        chosen.update(matching)
    return {name: activation for name, activation in among.items() if name in chosen}


def _matches(selector: Selector, name: str, label: str, where: str) -> bool:
    if isinstance(selector, str) and selector.startswith(_REGULAR):
        try:
            selector = re.compile(selector.removeprefix(_REGULAR))
        except re.error as error:
            raise ConfigError(f"{where}: {selector!r} is no regular expression: {error}") from error
    if isinstance(selector, re.Pattern):
        return any(selector.fullmatch(text) for text in (name, label))
    if not isinstance(selector, str):
        raise ConfigError(f"{where}: {selector!r} is no selector; allowed: a name, a glob, 're:...' or re.compile(...)")
    return selector in (name, label) or any(fnmatchcase(text, selector) for text in (name, label))


def _nothing(selector: Selector, among: Mapping[str, Activation], where: str) -> str:
    text = selector if isinstance(selector, str) else selector.pattern
    known = list(dict.fromkeys([*among, *(activation.label for activation in among.values())]))
    near = difflib.get_close_matches(text.removeprefix(_REGULAR), known, _NEAREST, cutoff=0.5)
    near = (near + [name for name in known if text in name and name not in near])[:_NEAREST]
    if near:
        hint = f"nearest: {', '.join(near)}"
    else:
        more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
        hint = f"known: {', '.join(known[:_LISTED])}{more}"
    return f"{where}: {text!r} matches no layer or probe; {hint}"


def _unused(wanted: str, taken: Mapping[str, Any]) -> str:
    name, number = wanted, 1
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name
