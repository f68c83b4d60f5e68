"""Budgets in absolute numbers, and how far a network of some widths is above them."""

import math

import tf_keras

from edge_nas.core.config import BudgetSpec, PruneSpec
from edge_nas.errors import ConfigError
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.widths import WidthCost
from edge_nas.pruning.firmware import FirmwareCost
from edge_nas.pruning.widths import Widths, least_widths
from edge_nas.results.artifacts import Cost

_UNITS = {
    "macs": "MACs",
    "params": "parameters",
    "flash_bytes": "bytes of flash",
    "peak_ram_bytes": "bytes of RAM",
    "instructions": "instructions",
    "firmware_flash_bytes": "bytes of flash",
    "firmware_ram_bytes": "bytes of RAM",
}
# How much the bytes alive count beside an arena that is too large: enough to tell one narrowing from another.
_BESIDE_ARENA = 0.01


def budget_of(original: tf_keras.Model, graph: ChannelGraph, spec: PruneSpec, limits: BudgetSpec) -> "Budget":
    """Returns the budget for a network whose groups keep at least what the spec says.

    Raises:
        ConfigError: the least widths are above it, its MACs are not counted, or what its C takes is not known.
    """
    firmware = None
    if limits.core is not None:
        firmware = FirmwareCost(original, graph, limits.core)
    return Budget(limits, WidthCost(original, graph), graph, least_widths(graph, spec), firmware)


class Budget:
    """The limits that a spec sets for a network.

    Attributes:
        core: for which the C is, where that is limited.
        costs: of the network at other widths.
        limits: in absolute numbers, by the name of the setting.

    Args:
        spec: shares of what the original costs (up to 1) or absolute numbers (above 1).
        costs: of the network at other widths.
        graph: its channel graph.
        least: per group the fewest channels it may keep.
        firmware: what the C takes at other widths, where the spec limits that.

    Raises:
        ConfigError: a limit that not even the least widths meet, and what they reach; or one of MACs, of a network
            with layers whose MACs are not counted.
    """

    def __init__(
        self,
        spec: BudgetSpec,
        costs: WidthCost,
        graph: ChannelGraph,
        least: Widths,
        firmware: FirmwareCost | None = None,
    ) -> None:
        self.core = spec.core
        self.costs = costs
        self._firmware = firmware
        _check_macs_are_counted(spec, costs.cost({}))
        original, floor = self.figures({}), self.figures(least)
        self.limits: dict[str, float] = {}
        for name, asked in spec.limits.items():
            unit = _UNITS[name]
            limit = asked * original[name] if asked <= 1 else float(asked)
            if floor[name] > limit:
                raise ConfigError(
                    f"prune.budget.{name} is {asked:g}, that is {limit:,.0f} {unit}; the least that can be reached is "
                    f"{floor[name]:,} ({floor[name] / original[name]:.2%} of {original[name]:,}), with "
                    f"every free group at its fewest channels ({len(graph.free)} of {len(graph.groups)} groups are "
                    "free): raise the budget, lower prune.min_channels or prune.multiple, or shorten prune.leave"
                )
            self.limits[name] = limit

    def figures(self, widths: Widths) -> dict[str, int]:
        """Returns what a network of these widths costs, by the names of the settings that can limit it."""
        cost = self.costs.cost(widths)
        figures = {name: int(getattr(cost, name)) for name in ("macs", "params", "flash_bytes", "peak_ram_bytes")}
        return figures if self._firmware is None else figures | self._firmware.figures(widths)

    def met(self, widths: Widths) -> bool:
        """True where no limit is exceeded."""
        return self.excess(widths) == 0.0

    def excess(self, widths: Widths) -> float:
        """Returns by how much the limits are exceeded together, each as a share of itself; 0 where all are met.

        The network's peak RAM is that of one operator. Counted is every operator during which more is alive than may
        be: otherwise only groups at the peak would seem to be worth narrowing, and the next operator would be the peak.
        """
        figures = self.figures(widths)
        above = [figures[name] / limit - 1 for name, limit in self.limits.items() if name != "peak_ram_bytes"]
        excess = sum(max(0.0, share) for share in above)
        if "peak_ram_bytes" in self.limits:
            limit = self.limits["peak_ram_bytes"]
            excess += sum(max(0.0, alive / limit - 1) for alive in self.costs.live_bytes(widths))
        arena_limit = self.limits.get("firmware_ram_bytes", math.inf)
        if self._firmware is not None and figures["firmware_ram_bytes"] > arena_limit:
            # An arena is as large as its largest moment: the others would seem to be worth nothing.
            alive = self._firmware.live_bytes(widths)
            excess += _BESIDE_ARENA * sum(alive) / (len(alive) * arena_limit)
        return excess


def _check_macs_are_counted(spec: BudgetSpec, cost: Cost) -> None:
    if spec.macs is not None and cost.uncounted:
        raise ConfigError(
            f"prune.budget.macs needs the MACs of every layer, and those of {', '.join(cost.uncounted)} cannot be "
            "counted; counted are convolutions over one or two axes (transposed, depthwise, separable) and Dense. "
            "Set prune.ratio, or a budget of params, flash_bytes or peak_ram_bytes, instead"
        )
