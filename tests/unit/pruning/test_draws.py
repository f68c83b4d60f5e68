"""Widths that are drawn, under costs whose powers are known."""

from collections.abc import Mapping

import numpy as np
import pytest
import tf_keras

from edge_nas.core.config import PruneSpec
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.draws import WidthDraws

L = tf_keras.layers
WIDTH = 1000


@pytest.fixture(scope="module")
def graph() -> ChannelGraph:
    """Two groups of a thousand channels."""
    inputs = L.Input((1, 1, 1))
    x = L.Conv2D(WIDTH, 1, name="b")(L.Conv2D(WIDTH, 1, name="a")(inputs))
    return channel_graph(tf_keras.Model(inputs, L.Conv2D(1, 1)(x)))


class _Budget:
    """Instructions are a² b, bytes are b; as `Budget` has them."""

    def __init__(self, **limits: float) -> None:
        self.limits = limits
        self.asked = 0

    def figures(self, widths: Mapping[str, int]) -> dict[str, int]:
        self.asked += 1
        return {"instructions": widths["a"] ** 2 * widths["b"], "bytes": widths["b"]}

    def share(self, widths: Mapping[str, int]) -> float:
        figures = self.figures(widths)
        return max(figures[name] / limit for name, limit in self.limits.items())


def _draws(graph: ChannelGraph, **limits: float) -> WidthDraws:
    return WidthDraws(graph, PruneSpec(), _Budget(**limits))  # type: ignore[arg-type]


def test_uniform_widths_are_as_wide_as_the_budget_lets_them(graph: ChannelGraph) -> None:
    uniform = _draws(graph, instructions=500.0**3).uniform
    assert uniform["a"] == uniform["b"]
    assert 496 <= uniform["a"] <= 500


def test_nearly_needs_no_cost_and_is_exact_where_costs_are_powers(graph: ChannelGraph) -> None:
    draws = _draws(graph, instructions=300.0**3)
    shapes = draws.shapes(50, np.random.default_rng(0))
    draws.nearly(shapes[:1])
    budget = draws._budget
    asked = budget.asked  # type: ignore[attr-defined]
    costs = [widths["a"] ** 2 * widths["b"] for widths in draws.nearly(shapes)]
    assert budget.asked == asked  # type: ignore[attr-defined]
    np.testing.assert_allclose(costs, 300.0**3, rtol=0.02)
    assert np.log(shapes).std() == pytest.approx(0.35, rel=0.15)


def test_widest_meets_the_budget_and_hardly_wider_does_not(graph: ChannelGraph) -> None:
    draws = _draws(graph, instructions=300.0**3)
    draws.widest(np.ones(2))  # counts the powers
    budget = draws._budget
    for shape in draws.shapes(5, np.random.default_rng(1)):
        asked = budget.asked  # type: ignore[attr-defined]
        widths = draws.widest(shape)
        assert budget.asked - asked <= 5  # type: ignore[attr-defined]
        assert 0.97 * 300**3 <= widths["a"] ** 2 * widths["b"] <= 300**3
        assert widths["a"] / widths["b"] == pytest.approx(shape[0] / shape[1], rel=0.02)


def test_the_tightest_of_several_limits_is_taken_up(graph: ChannelGraph) -> None:
    draws = _draws(graph, instructions=300.0**3, bytes=100.0)
    for shape in draws.shapes(9, np.random.default_rng(5)):
        widths = draws.widest(shape)
        assert 0.97 <= max(widths["a"] ** 2 * widths["b"] / 300**3, widths["b"] / 100) <= 1.0


def test_the_edge_of_a_stair_is_found(graph: ChannelGraph) -> None:
    class _Stair(_Budget):
        def figures(self, widths: Mapping[str, int]) -> dict[str, int]:
            self.asked += 1
            return {"instructions": 2000 if widths["a"] >= 520 else 1000}

    budget = _Stair(instructions=1990.0)
    uniform = WidthDraws(graph, PruneSpec(), budget).uniform  # type: ignore[arg-type]
    assert 516 <= uniform["a"] < 520
    assert budget.asked < 20


def test_a_mutant_differs_in_two_groups(graph: ChannelGraph) -> None:
    generator = np.random.default_rng(4)
    mutants = [_draws(graph, bytes=500.0).mutated(np.ones(9), generator) for _ in range(3)]
    assert [int((mutant != 1).sum()) for mutant in mutants] == [2, 2, 2]
    assert len({tuple(np.flatnonzero(mutant != 1)) for mutant in mutants}) > 1


def test_the_tightest_of_several_limits_counts(graph: ChannelGraph) -> None:
    draws = _draws(graph, instructions=300.0**3, bytes=100.0)
    for widths in draws.nearly(draws.shapes(20, np.random.default_rng(2))):
        cost = widths["a"] ** 2 * widths["b"] / 300**3
        assert max(cost, widths["b"] / 100) == pytest.approx(1.0, rel=0.03)


def test_what_is_met_with_all_channels_keeps_them(graph: ChannelGraph) -> None:
    assert _draws(graph, bytes=float(WIDTH)).uniform == {"a": WIDTH, "b": WIDTH}


def test_the_least_is_what_remains_where_no_scale_meets_it(graph: ChannelGraph) -> None:
    assert _draws(graph, instructions=1.0).uniform == {"a": 1, "b": 1}


def test_widths_are_allowed_ones(graph: ChannelGraph) -> None:
    draws = WidthDraws(graph, PruneSpec(multiple=8), _Budget(instructions=300.0**3))  # type: ignore[arg-type]
    for shape in draws.shapes(5, np.random.default_rng(3)):
        assert all(width % 8 == 0 for width in draws.widest(shape).values())
    assert draws.shape_of({"a": 500, "b": 250}).tolist() == [0.5, 0.25]
