"""Budgets in absolute numbers, and how much of them a network of some widths takes."""

import tf_keras

from edge_nas.core.config import BudgetSpec, PruneSpec, Scheme
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

_OF_THE_NETWORK = frozenset(("macs", "params", "flash_bytes", "peak_ram_bytes"))
"""What can be limited without any core: figures of the network, not of its C."""


def budget_of(
    original: tf_keras.Model, graph: ChannelGraph, spec: PruneSpec, limits: BudgetSpec, scheme: Scheme
) -> "Budget":
    """Returns the budget for a network whose groups keep at least what the spec says.

    `scheme`: how it is going to be quantized, which decides what its C takes.

    Raises:
        ConfigError: the least widths are above it, its MACs are not counted, or what its C takes is not known.
    """
    firmware = None
    if limits.core is not None:
        firmware = FirmwareCost(original, graph, limits.core, scheme)
    return Budget(limits, WidthCost(original, graph), graph, least_widths(graph, spec), firmware, scheme=scheme)


class Budget:
    """The limits that a spec sets for a network.

    Attributes:
        core: for which the C is, where that is limited.
        scheme: how the network is going to be quantized.
        limits: in absolute numbers, by the name of the setting.

    Args:
        spec: shares of what the original costs (up to 1) or absolute numbers (above 1).
        costs: of the network at other widths.
        graph: its channel graph.
        least: per group the fewest channels it may keep.
        firmware: what the C takes at other widths, where the spec limits that.
        scheme: how the network is going to be quantized.

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
        *,
        scheme: Scheme = "qat",
    ) -> None:
        self.core, self.scheme = spec.core, scheme
        self._costs = costs
        self._firmware = firmware
        self._limited = frozenset(spec.limits)
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
        """Returns what a network of these widths costs, by the names of the settings that limit it."""
        figures: dict[str, int] = {}
        if self._limited & _OF_THE_NETWORK:
            cost = self._costs.cost(widths)
            figures = {name: int(getattr(cost, name)) for name in _OF_THE_NETWORK & self._limited}
        return figures if self._firmware is None else figures | self._firmware.figures(widths)

    def met(self, widths: Widths) -> bool:
        """True where no limit is exceeded."""
        return self.share(widths) <= 1.0

    def share(self, widths: Widths) -> float:
        """Returns what the tightest limit is taken by, as a share of it; above 1: it is exceeded."""
        figures = self.figures(widths)
        return max(figures[name] / limit for name, limit in self.limits.items())


def _check_macs_are_counted(spec: BudgetSpec, cost: Cost) -> None:
    if spec.macs is not None and cost.uncounted:
        raise ConfigError(
            f"prune.budget.macs needs the MACs of every layer, and those of {', '.join(cost.uncounted)} cannot be "
            "counted; counted are convolutions over one or two axes (transposed, depthwise, separable) and Dense. "
            "Set prune.ratio, or a budget of params, flash_bytes or peak_ram_bytes, instead"
        )
