from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from benchmarks.lib import costs
from benchmarks.lib.costs import _completed, fitted_costs, has_news, misfits, nonnegative_least_squares
from edge_nas.costs.coefficients import costs_of_core, kernel_hash
from edge_nas.emulation.cores import find_core


def test_coefficients_are_found_again() -> None:
    generator = np.random.default_rng(0)
    matrix = generator.integers(0, 50, (60, 5)).astype(np.float64)
    wanted = np.array([11.0, 0.0, 4.0, 28.5, 0.0])
    np.testing.assert_allclose(nonnegative_least_squares(matrix, matrix @ wanted), wanted, atol=1e-6)


def test_none_is_negative_and_columns_that_are_alike_do_no_harm() -> None:
    matrix = np.array([[1.0, 1.0, 2.0], [2.0, 2.0, 1.0], [3.0, 3.0, 3.0]])
    solution = nonnegative_least_squares(matrix, np.array([-1.0, 2.0, 1.0]))
    assert (solution >= 0).all()
    # The best of all that are not negative: nothing of the third column, and 5/14 of the first two.
    np.testing.assert_allclose(matrix @ solution, np.array([1.0, 2.0, 3.0]) * 6 / 14, atol=1e-6)


def test_a_loop_that_is_new_takes_what_known_ones_leave() -> None:
    equations = [({"pixels": 10, "calls": 1}, 104.0), ({"pixels": 10, "calls": 1, "far": 5}, 139.0)]
    assert _completed({"calls": 4.0, "pixels": 10.0}, equations) == {"calls": 4.0, "far": 7.0, "pixels": 10.0}


def test_a_kernel_whose_c_is_the_same_keeps_its_costs_unless_it_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 20.0
    monkeypatch.setattr(costs, "_equations", lambda network, instructions: [("mean", {"rows": 2}, taken)])
    monkeypatch.setattr(costs, "code_parts", lambda plan, instructions: {"network": 1})
    monkeypatch.setattr(costs, "constant_bytes", lambda plan, instructions: 100)
    monkeypatch.setattr(costs, "tool_version", lambda tool: "1")
    profile = SimpleNamespace(sizes=SimpleNamespace(flash_bytes=500))
    counted = cast("Any", [SimpleNamespace(plan=None, profile=profile)])
    core = find_core("cortex-m4")
    first = fitted_costs(core, counted)
    assert (first.instructions, first.code_bytes) == ({"mean": {"rows": 10.0}}, {"network": 400.0})
    assert first.kernels_sha256 == {"mean": kernel_hash("mean", "dsp")}
    taken = 30.0
    assert fitted_costs(core, counted, first).instructions == first.instructions
    assert fitted_costs(core, counted, first, frozenset({"mean"})).instructions == {"mean": {"rows": 15.0}}
    assert fitted_costs(core, counted).instructions == {"mean": {"rows": 15.0}}


def test_a_network_has_news_where_a_kernel_or_a_loop_is_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    loops: list[tuple[str, dict[str, int]]] = [("mean", {"rows": 2, "far": 0}), ("prelu", {"calls": 1})]
    monkeypatch.setattr(costs, "_loops", lambda plan, instructions: loops)
    core, plan = find_core("cortex-m4"), cast("Any", None)
    known = costs_of_core("cortex-m4").model_copy(
        update={
            "instructions": {"mean": {"rows": 4.0}, "prelu": {"calls": 30.0}},
            "kernels_sha256": {source: kernel_hash(source, "dsp") for source in ("mean", "prelu")},
        }
    )
    assert not has_news(plan, core, known)
    assert not has_news(plan, core, known, frozenset({"softmax"}))
    assert has_news(plan, core, known, frozenset({"prelu"}))
    other_c = known.model_copy(update={"kernels_sha256": {**known.kernels_sha256, "mean": "other"}})
    assert has_news(plan, core, other_c)
    loops[0][1]["far"] = 1
    assert has_news(plan, core, known)


def test_a_kernel_is_told_whose_costs_other_steps_contradict(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [("mean", {"calls": 1}, 3000), ("mean", {"calls": 1}, 1800), ("prelu", {"calls": 1}, 7)]
    monkeypatch.setattr(costs, "_equations", lambda network, instructions: steps)
    loops = {"mean": {"calls": 2000.0}, "prelu": {"calls": 30.0}}
    known = costs_of_core("cortex-m4").model_copy(update={"instructions": loops})
    counted = cast("Any", [None])
    assert misfits(known, counted) == {}
    steps.append(("mean", {"calls": 2}, 1600))
    assert misfits(known, counted) == {"mean": pytest.approx(150.0)}
