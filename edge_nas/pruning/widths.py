"""How many channels of each group are kept, and which.

prune.ratio 0.5, prune.multiple 4, prune.min_channels 3        a group of 24 keeps 12, one of 6 keeps 4, one of 3 all
"""

import math
from collections.abc import Mapping

from edge_nas.core.config import PruneSpec
from edge_nas.covariance.selection import Elimination
from edge_nas.graph.channels import ChannelGraph, ChannelGroup

Widths = Mapping[str, int]
"""Per free group the number of channels that it keeps."""


def kept_indices(graph: ChannelGraph, orders: Mapping[str, Elimination], widths: Widths) -> dict[str, tuple[int, ...]]:
    """Returns per free group the indices of its kept channels, ascending, so many as `widths` says."""
    kept: dict[str, tuple[int, ...]] = {}
    for group in graph.free:
        removed = orders[group.name].first(group.channels - widths[group.name])
        kept[group.name] = removed.kept(group.channels)
    return kept


def uniform_widths(graph: ChannelGraph, spec: PruneSpec, ratio: float | None = None) -> dict[str, int]:
    """Returns how many channels each free group keeps: round(n (1 − ratio)), as far as the spec allows that.

    Args:
        graph: the channel groups.
        spec: which widths are allowed.
        ratio: share of every group's channels that goes; None for the spec's.
    """
    ratio = spec.ratio if ratio is None else ratio
    return {group.name: allowed_width(group, group.channels * (1 - ratio), spec) for group in graph.free}


def least_widths(graph: ChannelGraph, spec: PruneSpec) -> dict[str, int]:
    """Returns the fewest channels that the spec allows each free group."""
    return {group.name: least_width(group, spec) for group in graph.free}


def allowed_width(group: ChannelGroup, ideal: float, spec: PruneSpec) -> int:
    """Returns the width nearest to an ideal one that the spec allows: a multiple, not below the minimum; else all."""
    multiple = _multiple(group, spec)
    width: int = round(ideal / multiple) * multiple
    return min(group.channels, max(width, least_width(group, spec)))


def least_width(group: ChannelGroup, spec: PruneSpec) -> int:
    """Returns the fewest channels that the spec allows a group."""
    multiple = _multiple(group, spec)
    return min(group.channels, math.ceil(spec.min_channels / (group.together * multiple)) * multiple)


def _multiple(group: ChannelGroup, spec: PruneSpec) -> int:
    """Returns the multiple that a width has to be, where the spec's is one of channels of the group's writers."""
    return spec.multiple // math.gcd(spec.multiple, group.together)
