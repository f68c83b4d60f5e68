from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmarks.lib import paces
from benchmarks.lib.decoders import fast_u, unet
from benchmarks.lib.networks import random_network
from benchmarks.lib.paces import TimedStep, calibrating, kept_paces, kernel_pace, paces_of
from benchmarks.movement import row_of
from benchmarks.tables.movement import movement_table
from edge_nas.costs.paces import paces_of_core
from edge_nas.emulation.cores import find_core
from edge_nas.emulation.profile import StepTime

INSTRUCTIONS = {"turns": 4.0, "calls": 10.0}


def _step(turns: int, calls: int) -> TimedStep:
    """Returns a step with 4 instructions, 7 cycles and 2 bytes a turn, and 10 instructions in 12 cycles a call."""
    time = StepTime(4 * turns + 10 * calls, 7 * turns + 12 * calls, 2 * turns)
    return TimedStep("kernel", {"turns": turns, "calls": calls, "never": 0}, time)


def test_what_a_round_of_each_loop_takes_is_found() -> None:
    pace = kernel_pace([_step(100, 1), _step(1000, 3), _step(7, 5)], INSTRUCTIONS)
    assert pace.loops["turns"] == pytest.approx((7, 2), rel=0.01)
    assert pace.loops["calls"] == pytest.approx((12, 0), rel=0.01, abs=0.1)
    assert set(pace.loops) == {"turns", "calls"}
    assert pace.cycles == pytest.approx((7 * 1107 + 12 * 9) / (4 * 1107 + 10 * 9), abs=1e-4)


def test_what_loops_that_run_alike_take_is_shared_by_instructions() -> None:
    pace = kernel_pace([_step(10, 10), _step(30, 30), _step(500, 500)], INSTRUCTIONS)
    assert pace.loops["turns"] == pytest.approx((19 * 4 / 14, 2 * 4 / 14), rel=0.01)
    assert pace.loops["calls"] == pytest.approx((19 * 10 / 14, 2 * 10 / 14), rel=0.01)


def test_kernels_whose_c_is_the_same_keep_their_paces(monkeypatch: pytest.MonkeyPatch) -> None:
    core = find_core("cortex-m4")
    known = paces_of_core("cortex-m4")
    assert known is not None
    # Nothing is stale: no network has a loop that counts, and nothing changes.
    assert kept_paces(core) == known
    monkeypatch.setattr(paces, "calibration_networks", lambda networks: [(random_network(1000), None)])
    assert list(calibrating(1, core, known.kernels)) == []
    assert paces_of(core, [], known) == known
    # Of one whose C is another, only its own steps count.
    stale = known.model_copy(update={"kernels_sha256": {**known.kernels_sha256, "mean": "of another C"}})
    monkeypatch.setattr(paces, "paces_of_core", lambda name: stale)
    kept = kept_paces(core)
    assert kept is not None
    assert set(known.kernels) - set(kept.kernels) == {"mean"}
    step = TimedStep("mean", {"calls": 1}, StepTime(10, 20, 5))
    other = TimedStep("softmax", {"calls": 1}, StepTime(10, 90, 5))
    network = cast("Any", SimpleNamespace(steps=(step, other)))
    again = paces_of(core, [network], kept)
    assert again.kernels["mean"].cycles == 2.0
    assert again.kernels["softmax"] == known.kernels["softmax"]
    assert again.kernels_sha256 == known.kernels_sha256
    # Other timings of the manual: nothing is kept.
    monkeypatch.setattr(paces, "paces_of_core", lambda name: known.model_copy(update={"timings": {}}))
    assert kept_paces(core) is None


def test_copies_are_of_networks_that_concatenate() -> None:
    rows = [row_of("added", fast_u((4, 6), depth=1)), row_of("concatenated", unet((4, 6, 8)))]
    assert [row["concatenations"] for row in rows] == [0, 2]
    assert rows[0]["copies"] == 0 < rows[1]["copies"] < rows[1]["instructions"]
    assert all(row["upsampling"] > 0 for row in rows)
    assert movement_table(rows).count("\n") == 3
