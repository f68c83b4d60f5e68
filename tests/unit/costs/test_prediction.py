import pytest

from edge_nas.codegen import compile_tflite
from edge_nas.costs import CostUnknownError, predict_cost
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
