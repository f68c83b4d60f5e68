from dataclasses import asdict

import pytest

from edge_nas.codegen import compile_tflite
from edge_nas.codegen.loops.counting import LOOPS
from edge_nas.costs import pace_of, predict_cost
from edge_nas.costs.coefficients import costs_of_core, kernel_hash
from edge_nas.costs.paces import CorePaces, KernelPace, paces_of_core, stale_kernels
from edge_nas.emulation.timing import TABLES
from edge_nas.int8.sketch import HALVING, Sketch

TIMED = ("cortex-m0plus", "cortex-m4")
PACES = CorePaces(
    core="toy",
    document="a manual",
    timings={"load": 2},
    kernels_sha256={},
    networks=1,
    tools={},
    average=KernelPace(cycles=1.5, flash_bytes=0.5, loops={}),
    kernels={"known": KernelPace(cycles=2.0, flash_bytes=0.25, loops={"turn": (7.0, 4.0)})},
)


@pytest.mark.parametrize(
    ("source", "loops", "taken"),
    [
        ("known", {"turn": 10}, (70.0, 40.0)),
        # A loop that no network ran, of 3 instructions: the kernel's average.
        ("known", {"turn": 10, "rest": 2, "never": 0}, (82.0, 41.5)),
        # A kernel that none ran: that of all instructions.
        ("other", {"rest": 2}, (9.0, 3.0)),
    ],
)
def test_what_was_not_run_takes_what_is_usual(source: str, loops: dict[str, int], taken: tuple[float, float]) -> None:
    assert PACES.taken(source, loops, {"turn": 5.0, "rest": 3.0}) == taken


def test_the_pace_of_a_network_is_between_that_of_its_kernels() -> None:
    net = Sketch((16, 24, 3))
    x = net.convolution(net.depthwise(net.convolution(net.input, 12, HALVING)), 10)
    data = net.finish(net.dense(net.mean(x), 5))
    for core, low, high in (("cortex-m4", 1.1, 2.0), ("cortex-m7", 1.1, 2.0), ("cortex-m0plus", 1.1, 1.8)):
        pace = predict_cost(data, core).pace
        assert pace is not None
        assert low < pace.cycles_per_instruction < high
        assert 0 < pace.flash_bytes_per_instruction < 2
        assert pace_of(data, compile_tflite(data), core) == pace
    assert predict_cost(data, "rv32imac").pace is None
    assert pace_of(data, compile_tflite(data), "lx106") is None
    assert pace_of(data, compile_tflite(data, optimize="size"), "cortex-m4") is not None


def test_a_kernel_that_says_nothing_of_its_loops_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    net = Sketch((64,))
    data = net.finish(net.dense(net.input, 32))
    compiled = compile_tflite(data)
    monkeypatch.delitem(LOOPS, "fully_connected_blocks")
    average = (paces_of_core("cortex-m4") or PACES).average
    pace = pace_of(data, compiled, "cortex-m4")
    assert pace is not None
    assert (pace.cycles_per_instruction, pace.flash_bytes_per_instruction) == (average.cycles, average.flash_bytes)


def test_timings_are_those_of_published_manuals() -> None:
    assert "TRM" in (paces_of_core("cortex-m4") or PACES).document
    assert paces_of_core("cortex-m55") is None


@pytest.mark.parametrize("core", TIMED)
def test_cycles_were_taken_of_the_kernels_of_today(core: str) -> None:
    paces = paces_of_core(core)
    assert paces is not None
    again = f"take the cycles of these again: python -m benchmarks.cycles --cores {core} --calibrate --changed"
    assert stale_kernels(paces, costs_of_core(core)) == {}, again


@pytest.mark.parametrize("core", TIMED)
def test_cycles_were_taken_by_the_timings_of_today(core: str) -> None:
    table = asdict(TABLES[core])
    document = table.pop("document")
    paces = paces_of_core(core)
    assert paces is not None
    again = f"take all cycles again: python -m benchmarks.cycles --cores {core} --calibrate"
    assert (paces.document, paces.timings) == (document, table), again


def test_a_pace_is_stale_once_its_kernel_s_c_or_a_loop_is_another() -> None:
    costs = costs_of_core("cortex-m4").model_copy(update={"instructions": {"softmax": {"turn": 5.0}, "mean": {}}})
    sha256 = kernel_hash("softmax", "dsp")
    softmax = KernelPace(cycles=1.5, flash_bytes=0.0, loops={"turn": (7.0, 0.0)})

    def stale(pace: KernelPace, sha256: str) -> dict[str, str]:
        hashes = {"softmax": sha256, "mean": kernel_hash("mean", "dsp")}
        kernels = {"softmax": pace, "mean": softmax}
        return stale_kernels(PACES.model_copy(update={"kernels_sha256": hashes, "kernels": kernels}), costs)

    assert stale(softmax, sha256) == {}
    assert stale(softmax, "of another C") == {"softmax": "has other C since"}
    assert stale(softmax.model_copy(update={"loops": {}}), sha256) == {"softmax": "was never seen to run 'turn'"}
    assert set(stale_kernels(PACES, costs)) == {"softmax", "mean"}
