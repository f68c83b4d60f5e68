"""What becomes of a network: pruned by half, int8 without training, C; and the row of the table that says so."""

import re
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
import tf_keras

from architectures.registry import Architecture, inputs_of
from edge_nas.codegen import compile_tflite
from edge_nas.core.config import PruneSpec
from edge_nas.core.jointinputs import NetworkInputs, fed
from edge_nas.errors import EdgeNasError, GateError, InputError
from edge_nas.graph.handed import flat_with_inputs
from edge_nas.pruning.removal import Removal, remove_channels
from edge_nas.quantization import quantize_model
from edge_nas.results.fidelity import Int8Fidelity
from edge_nas.results.prune import PruningPlan
from edge_nas.verification.selfcheck import check_on_host

_CALIBRATION, _TEST = 32, 16
_LONGEST_REASON = 90
HEADINGS = ("architecture", "inputs", "parameters", "groups", "narrowed - masked", "left after repair", "int8", "C")
_BEGINNING = re.compile(r"^.*?(cannot be quantized to int8|cannot be converted to TFLite|quantize|\.tflite): ?")


@dataclass(frozen=True)
class Outcome:
    """One row.

    Attributes:
        title: of the architecture.
        inputs: their shapes.
        params: before, and with half of the channels of every free group.
        groups: free ones and all that lie inside of the network; why the first frozen one is.
        difference: largest difference of the narrowed from the masked network, as a share of the largest output.
        loss: RMS of what the repair leaves / RMS of what varies between inputs, the worst output.
        int8: the error of the worst output, or why there is no file.
        c: on how many frames it gives the reference's bytes, or why there is none.
    """

    title: str
    inputs: str
    params: tuple[int, int]
    groups: str
    difference: float
    loss: float
    int8: float | str
    c: int | str

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        before, after = self.params
        int8 = self.int8 if isinstance(self.int8, str) else f"off by {self.int8:.3f}"
        c = self.c if isinstance(self.c, str) else f"equal on {self.c} frames"
        params = f"{before:,} → {after:,}"
        return (self.title, self.inputs, params, self.groups, f"{self.difference:.0e}", f"{self.loss:.2f}", int8, c)


def outcome_of(architecture: Architecture) -> Outcome:
    """Returns what becomes of a network of random weights on smooth random inputs."""
    model = architecture.network()
    flat, inputs = flat_with_inputs(model, inputs_of(model, _CALIBRATION, 0), None)
    _, tests = flat_with_inputs(model, inputs_of(model, _TEST, 100), None)
    removal = remove_channels(flat, inputs, PruneSpec(ratio=0.5, repair_samples=5_000), seed=0)
    int8, c = _int8_and_c(removal.repaired, inputs, architecture.title)
    return Outcome(
        title=architecture.title,
        inputs=", ".join("x".join(map(str, tensor.shape[1:])) for tensor in flat.inputs),
        params=(flat.count_params(), removal.repaired.count_params()),
        groups=_groups(removal.plan),
        difference=_difference(removal, tests),
        loss=_loss(flat, removal.repaired, tests),
        int8=int8,
        c=c,
    )


def table(rows: list[tuple[str, ...]]) -> str:
    """Returns rows as Markdown."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _int8_and_c(network: tf_keras.Model, inputs: NetworkInputs, title: str) -> tuple[float | str, int | str]:
    told: list[Int8Fidelity] = []
    try:
        data = quantize_model(network, fed(inputs), tell=told.append)
    except (GateError, InputError) as error:
        return f"refused: {_reason(error)}", "-"
    int8 = max(output.error for output in told[0].outputs) if told else "made; no reference kernels for it"
    try:
        compiled = compile_tflite(data, source="network.tflite")
    except InputError as error:
        return int8, f"refused: {_reason(error)}"
    return int8, check_on_host(data, compiled, title).inputs or "not tried"


def _reason(error: EdgeNasError) -> str:
    """Returns the beginning of a message, in one line that a table can hold."""
    text = _unnumbered(" ".join(_BEGINNING.sub("", str(error)).split()).replace("|", "/"))
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON].rsplit(' ', 1)[0]} ..."


def _groups(plan: PruningPlan) -> str:
    inside = [group for group in plan.frozen if group.reason not in ("the network's input", "the network's output")]
    text = f"{len(plan.groups)} of {len(plan.groups) + len(inside)} free"
    return f"{text}; {_unnumbered(inside[0].reason)}" if inside else text


def _unnumbered(text: str) -> str:
    """Returns a text without the numbers of layers that have no name of their own: Keras counts through a process."""
    return re.sub(r"(?<=[a-z])_\d+\b", "", text)


def _difference(removal: Removal, tests: NetworkInputs) -> float:
    worst = 0.0
    for one, other in zip(_outputs(removal.narrowed, tests), _outputs(removal.masked, tests), strict=True):
        worst = max(worst, float(np.abs(one - other).max() / max(1e-6, np.abs(other).max())))
    return worst


def _loss(flat: tf_keras.Model, repaired: tf_keras.Model, tests: NetworkInputs) -> float:
    worst = 0.0
    for expected, output in zip(_outputs(flat, tests), _outputs(repaired, tests), strict=True):
        spread = np.sqrt(np.mean((expected - expected.mean(axis=0)) ** 2))
        worst = max(worst, float(np.sqrt(np.mean((output - expected) ** 2)) / max(1e-12, spread)))
    return worst


def _outputs(network: tf_keras.Model, tests: NetworkInputs) -> list[np.ndarray]:
    return [output.numpy() for output in tf.nest.flatten(network(fed(tests), training=False))]
