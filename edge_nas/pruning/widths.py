"""How many channels of each group stay, and which."""

from collections.abc import Mapping

from edge_nas.core.config import PruneSpec
from edge_nas.covariance.selection import Elimination
from edge_nas.graph.channels import ChannelGraph, ChannelGroup


def kept_indices(
    graph: ChannelGraph, orders: Mapping[str, Elimination], widths: Mapping[str, int]
) -> dict[str, tuple[int, ...]]:
    """Returns per free group the indices that stay, ascending, so many as `widths` says."""
    return {
        group.name: orders[group.name].first(group.channels - widths[group.name]).kept(group.channels)
        for group in graph.free
    }


def uniform_widths(graph: ChannelGraph, spec: PruneSpec) -> dict[str, int]:
    """Returns how many channels each free group keeps: round(n (1 − ratio)), as far as the spec allows that."""
    return {group.name: allowed_width(group, group.channels * (1 - spec.ratio), spec) for group in graph.free}


def allowed_width(group: ChannelGroup, wanted: float, spec: PruneSpec) -> int:
    """Returns the width nearest to `wanted` that the spec allows: a multiple, not below the minimum; else the whole."""
    width: int = round(wanted / spec.multiple) * spec.multiple
    return min(group.channels, max(width, least_width(group, spec)))


def least_width(group: ChannelGroup, spec: PruneSpec) -> int:
    """Returns the fewest channels that the spec allows a group."""
    least: int = -(-spec.min_channels // spec.multiple) * spec.multiple
    return min(group.channels, least)
