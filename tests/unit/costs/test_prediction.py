import pytest

from benchmarks.lib.networks import random_network
from edge_nas.codegen import compile_tflite
from edge_nas.codegen.compile import plan_network
from edge_nas.costs import CostUnknownError, cost_of_plan, known_cores, predict_cost
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.int8.sketch import HALVING, Sketch


@pytest.fixture(scope="module")
def network() -> bytes:
    net = Sketch((16, 24, 3))
    x = net.convolution(net.input, 12, HALVING)
    x = net.convolution(net.depthwise(x), 10)
    return net.finish(net.dense(net.mean(x), 5))


def test_memory_is_that_of_the_generated_c(network: bytes) -> None:
    compiled = compile_tflite(network)
    cost = predict_cost(network, "cortex-m4")
    assert cost.ram_bytes == compiled.arena_bytes
    assert [step.name for step in cost.steps] == [step.name for step in compiled.steps]
    assert 0 < cost.constant_bytes < cost.flash_bytes
    assert 0 <= cost.instructions - sum(step.instructions for step in cost.steps) < cost.instructions // 10


def test_wider_networks_cost_more(network: bytes) -> None:
    net = Sketch((16, 24, 3))
    x = net.convolution(net.input, 24, HALVING)
    x = net.convolution(net.depthwise(x), 20)
    wide = predict_cost(net.finish(net.dense(net.mean(x), 5)), "cortex-m4")
    narrow = predict_cost(network, "cortex-m4")
    assert wide.instructions > 1.5 * narrow.instructions
    assert wide.flash_bytes > narrow.flash_bytes
    assert wide.ram_bytes > narrow.ram_bytes


def test_a_kernel_that_was_never_counted_is_no_zero(network: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    from edge_nas.costs import prediction

    known = prediction.costs_of_core("cortex-m4")
    without = {source: loops for source, loops in known.instructions.items() if source != "mean"}
    monkeypatch.setattr(prediction, "costs_of_core", lambda _: known.model_copy(update={"instructions": without}))
    with pytest.raises(CostUnknownError, match="kernel mean"):
        predict_cost(network, "cortex-m4")


def test_c_made_for_size_is_not_told_as_that_made_for_speed(network: bytes) -> None:
    small = plan_network(Int8Interpreter(read_tflite(network, "network")), optimize="size").plan
    with pytest.raises(CostUnknownError, match="what C made for size costs on cortex-m4 was never counted"):
        cost_of_plan(small, "cortex-m4")


def test_what_random_networks_are_made_of_is_known_on_every_core() -> None:
    """Separable and dense U-nets, inverted residuals, keyword spotters, auto-encoders, one-dimensional networks."""
    for seed in range(16):
        data = random_network(seed).data
        plan = plan_network(Int8Interpreter(read_tflite(data, f"network {seed}"))).plan
        for core in known_cores():
            assert cost_of_plan(plan, core).instructions > 0
