"""The sketch of a candidate beside the int8 file that its network becomes."""

import random
from typing import Any

import numpy as np
import pytest
import tf_keras
from int8operators import operators_of

from edge_nas.codegen.compile import plan_network
from edge_nas.codegen.descriptors import constant_bytes
from edge_nas.codegen.loops import loops_of
from edge_nas.codegen.loops.codesize import code_parts
from edge_nas.codegen.loops.runloop import run_loops
from edge_nas.codegen.plan import Plan
from edge_nas.core.choices import Scheme
from edge_nas.costs.prediction import counted_step
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.sketching import sketch_of
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization.dryrun import _converted
from edge_nas.search.space import FAMILIES, Candidate, Signature

# Sides small: a conversion takes as long as the network is deep. Two outputs: one would be a vector's special case.
SIGNATURES = {
    "fast_u": Signature(input_shape=(16, 24, 3), outputs=2),
    "inverted_residual": Signature(input_shape=(16, 12, 1), outputs=2),
    "ds_cnn": Signature(input_shape=(9, 6), outputs=2),
    "signal_cnn": Signature(input_shape=(20, 3), outputs=2),
}


def _plan(graph: Int8Graph) -> Plan:
    return plan_network(Int8Interpreter(graph)).plan


def _compare(candidate: Candidate, scheme: Scheme) -> None:
    # Of some weights the scores are never negative, and then a file has the kernel of a ReLU behind them.
    tf_keras.utils.set_random_seed(0)
    family = FAMILIES.get(candidate.family)
    file = read_tflite(_converted(_as_trained(family.network(candidate)), scheme), "file")
    sketch = family.sketch(candidate, scheme)
    assert operators_of(sketch) == operators_of(file)
    planned, sketched = _plan(file), _plan(sketch)
    assert sketched.arena.size_bytes == planned.arena.size_bytes
    # What is priced: whatever the prices, both cost the same.
    assert _priced(sketched) == _priced(planned)
    assert constant_bytes(sketched, "dsp") == constant_bytes(planned, "dsp")


def _as_trained(network: Any) -> Any:
    """The network with BatchNorms as training leaves them: gains and biases differ, statistics are those of inputs."""
    generator = np.random.default_rng(0)
    inputs = generator.uniform(-1, 1, (32, *network.input_shape[1:])).astype(np.float32)
    for layer in network.layers:
        if hasattr(layer, "gamma"):
            layer.gamma.assign(generator.uniform(0.7, 1.3, layer.gamma.shape))
            layer.beta.assign(generator.normal(0, 0.3, layer.beta.shape))
        elif getattr(layer, "use_bias", False):  # one of zeros is left out of a file
            layer.bias.assign(generator.normal(0, 0.3, layer.bias.shape))
    for _ in range(30):  # moving averages forget nine tenths of their start in 22 steps
        network(inputs, training=True)
    return network


def _priced(plan: Plan) -> tuple[Any, ...]:
    steps = []
    for step in plan.program.steps:
        loops = loops_of(counted_step(plan, step, "dsp")).counts
        steps.append((step.kernel.source, dict(loops)))
    return steps, dict(run_loops(plan).counts), dict(code_parts(plan, "dsp"))


# A conversion takes some five seconds: maps; the others by make endurance.
@pytest.mark.parametrize(
    ("name", "scheme"),
    [("fast_u", "qat"), ("signal_cnn", "ptq"), pytest.param("signal_cnn", "qat", marks=pytest.mark.endurance)],
)
def test_a_candidate_costs_what_its_trained_network_does(name: str, scheme: Scheme) -> None:
    family, generator = FAMILIES.get(name), random.Random(5)
    drawn = [family.draw(SIGNATURES[name], generator) for _ in range(24)]
    # It takes as long as the network is deep.
    _compare(min(drawn, key=lambda candidate: len(family.sketch(candidate, scheme).operators)), scheme)


@pytest.mark.endurance
@pytest.mark.parametrize("scheme", ["qat", "ptq"])
@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_so_do_more_of_them(name: str, scheme: Scheme) -> None:
    generator = random.Random(11)
    for _ in range(10):
        _compare(FAMILIES.get(name).draw(SIGNATURES[name], generator), scheme)


_SIGNAL = Signature(input_shape=(20, 3), outputs=2)
_SIGNATURES = [
    *sorted(SIGNATURES.items()),
    ("ds_cnn", _SIGNAL),
    ("inverted_residual", Signature(input_shape=(10, 12, 3), outputs=4)),
]


@pytest.mark.parametrize(("name", "signature"), _SIGNATURES)
def test_a_network_that_is_narrowed_is_sketched_as_its_candidate_was(name: str, signature: Signature) -> None:
    family, generator = FAMILIES.get(name), random.Random(3)
    for candidate in (family.smallest(signature), family.draw(signature, generator), *family.known(signature)):
        network = family.network(candidate)
        assert operators_of(sketch_of(network, channel_graph(network), {}, "qat")) == operators_of(
            family.sketch(candidate, "qat")
        )


def test_all_families_are_compared() -> None:
    assert set(SIGNATURES) == set(FAMILIES)
