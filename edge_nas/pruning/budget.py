"""Budgets in absolute numbers, and how far a network of some widths is above them."""

from collections.abc import Mapping

import tf_keras

from edge_nas.core.config import BudgetSpec, PruneSpec
from edge_nas.errors import ConfigError
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.widths import WidthCost
from edge_nas.pruning.widths import least_width
from edge_nas.results.artifacts import Cost

_UNITS = {"macs": "MACs", "params": "parameters", "flash_bytes": "bytes of flash", "peak_ram_bytes": "bytes of RAM"}


def budget_of(model: tf_keras.Model, graph: ChannelGraph, spec: PruneSpec, limits: BudgetSpec) -> "Budget":
    """Returns the budget for a network whose groups keep at least what the spec says.

    Raises:
        ConfigError: the least widths are above it, or its MACs are not counted.
    """
    least = {group.name: least_width(group, spec) for group in graph.free}
    return Budget(limits, WidthCost(model, graph), graph, least)


class Budget:
    """The limits that a spec sets for a network.

    Args:
        spec: shares (up to 1) or absolute numbers (above 1).
        costs: of the network at other widths.
        least: per group the fewest channels it may keep.

    Raises:
        ConfigError: a limit that not even the least widths meet, and what they reach; or one of MACs, of a network
            with layers whose MACs are not counted.
    """

    def __init__(self, spec: BudgetSpec, costs: WidthCost, graph: ChannelGraph, least: Mapping[str, int]) -> None:
        self.costs = costs
        cost = costs.cost({})
        if spec.macs is not None and cost.uncounted:
            raise ConfigError(
                f"prune.budget.macs needs the MACs of every layer, and those of {', '.join(cost.uncounted)} cannot be "
                "counted; counted are convolutions over one or two axes (transposed, depthwise, separable) and Dense. "
                "Set prune.ratio, or a budget of params, flash_bytes or peak_ram_bytes, instead"
            )
        whole, floor = _figures(cost), _figures(costs.cost(least))
        asked = {name: getattr(spec, name) for name in _UNITS if getattr(spec, name) is not None}
        self.limits = {name: value * whole[name] if value <= 1 else float(value) for name, value in asked.items()}
        for name, limit in self.limits.items():
            if floor[name] > limit:
                raise ConfigError(
                    f"prune.budget.{name} is {asked[name]:g}, that is {limit:,.0f} {_UNITS[name]}; the least that can "
                    f"be reached is {floor[name]:,} ({floor[name] / whole[name]:.2%} of {whole[name]:,}), with "
                    f"every free group at its fewest channels ({len(graph.free)} of {len(graph.groups)} groups are "
                    "free): raise the budget, lower prune.min_channels or prune.multiple, or shorten prune.leave"
                )

    def met(self, widths: Mapping[str, int]) -> bool:
        """True where no limit is exceeded."""
        return self.excess(widths) == 0.0

    def excess(self, widths: Mapping[str, int]) -> float:
        """Returns by how much the limits are exceeded together, each as a share of itself; 0 where all are met.

        Peak RAM counts every operator during which more is alive than may be: groups that are not at the peak have
        to give as well.
        """
        figures = _figures(self.costs.cost(widths))
        total = sum(max(0.0, figures[n] / limit - 1) for n, limit in self.limits.items() if n != "peak_ram_bytes")
        if "peak_ram_bytes" in self.limits:
            limit = self.limits["peak_ram_bytes"]
            total += sum(max(0.0, alive / limit - 1) for alive in self.costs.live_bytes(widths))
        return total


def _figures(cost: Cost) -> dict[str, int]:
    return {name: int(getattr(cost, name)) for name in _UNITS}
