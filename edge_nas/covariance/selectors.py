"""Which activations of a network: by exact name, glob or regular expression.

    "encoder_0_pointwise_relu"        the layer of that name, or every probe with that label
    "encoder_*_relu"                  a glob: * ? [abc]
    "re:encoder_[02]_.*"              a regular expression that the whole name must match; re.compile(...) also does

Names are those of the flat network (`edge_nas.graph.flatten`), which are places in the model: `encoder_0_pointwise` is
`model.encoder[0].pointwise`.
"""

import difflib
import re
from collections import Counter
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
"""Names in a message: similar ones, or, where none is, the first of all. A choice: they fit on a screen."""
_SIMILAR = 0.5
"""Share of letters in common from which difflib calls names similar: a choice; with more, fewer names are listed."""


class Activation(NamedTuple):
    """A symbolic tensor of a flat network; `label` is what a probe calls it, for a layer its name."""

    label: str
    tensor: Any


def activations(flat: tf_keras.Model, probed: Iterable[ProbedTensor] = ()) -> dict[str, Activation]:
    """Returns every activation of a flat network by name: layers in the order of the forward pass, then probes.

    The second call of a layer is `name#2`; of several outputs, the second is `name[1]`. A probe goes by its label
    where that is unique, else by its place and label.
    """
    named: dict[str, Activation] = {}
    times_called: Counter[str] = Counter()
    for call in layer_calls(flat):
        if isinstance(call.layer, tf_keras.layers.InputLayer):
            continue
        times_called[call.layer.name] += 1
        name = call.layer.name
        if times_called[name] > 1:
            name = f"{name}#{times_called[name]}"
        for index, tensor in enumerate(tf.nest.flatten(call.node.outputs)):
            of_output = f"{name}[{index}]" if index else name
            named[of_output] = Activation(of_output, tensor)
    probes = list(probed)
    with_label = Counter(probe.label for probe in probes)
    for probe in probes:
        name = probe.label
        if probe.place and with_label[probe.label] > 1:
            name = f"{probe.place}_{probe.label}"
        named[_unused(name, named)] = Activation(probe.label, probe.tensor)
    return named


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
            raise ConfigError(_no_match(selector, among, where))
        chosen.update(matching)
    return {name: activation for name, activation in among.items() if name in chosen}


def _matches(selector: Selector, name: str, label: str, where: str) -> bool:
    """Whether a selector means an activation of this name and label; `where` is the argument it was given in."""
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


def _no_match(selector: Selector, among: Mapping[str, Activation], where: str) -> str:
    """Returns the message for a selector that matches nothing: with the nearest names, or with the first of all."""
    text = selector if isinstance(selector, str) else selector.pattern
    known = list(dict.fromkeys([*among, *(activation.label for activation in among.values())]))
    similar = difflib.get_close_matches(text.removeprefix(_REGULAR), known, _NEAREST, cutoff=_SIMILAR)
    containing = [name for name in known if text in name and name not in similar]
    nearest = (similar + containing)[:_NEAREST]
    if nearest:
        hint = f"nearest: {', '.join(nearest)}"
    else:
        hint = f"known: {', '.join(known[:_LISTED])}"
        if len(known) > _LISTED:
            hint += f" and {len(known) - _LISTED} more"
    return f"{where}: {text!r} matches no layer or probe; {hint}"


def _unused(name: str, named: Mapping[str, Any]) -> str:
    """Returns a name that no activation has yet: this one, or with the first number behind that is free."""
    candidate, number = name, 1
    while candidate in named:
        candidate, number = f"{name}_{number}", number + 1
    return candidate
