"""Widths drawn around uniform ones, each set as wide as a budget lets it be.

A draw is a *shape*, how much wider than the others each group is; a scale makes widths of it. The first look at a
thousand of them has to be cheap, and a budget of the firmware takes a prediction of its cost each time. So costs are
taken as powers of the widths around uniform ones, by one prediction per group; who comes through that is then scaled on
the budget itself.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Array
from edge_nas.core.config import PruneSpec
from edge_nas.graph.channels import ChannelGraph
from edge_nas.pruning.budget import Budget
from edge_nas.pruning.widths import Widths, allowed_width, least_widths

DEVIATION = 0.35
"""Of the logarithms of a shape: two groups in three are within 0.7 and 1.4 times the uniform share. As in the
experiments that the method comes from."""

_CLOSE = 0.006  # of a scale's logarithm: so exactly it is known
# The least step of a look, of the scale's logarithm; it grows, so that the budget comes between two looks in any case.
_LEAST_STEP = 0.01
_STEP_GROWTH = 1.5
_MOST_LOOKS = 20
# A look between two others is at least so far from both, as a share of what lies between.
_INWARDS = 0.1
_LEAST_SLOPE = 0.1
_LEAST_SHARE = 1e-9  # the logarithm of nothing

_CHANGED = 2  # groups of a mutant: one wider, another narrower, the rest hardly scaled

# By how much a width is changed to see what it is worth.
_POWER_STEP = 0.15

Shape = npt.NDArray[np.float64]
"""(groups,) how wide each group is beside the others, 1 on the whole."""


class WidthDraws:
    """Draws for one network and one budget, which the least widths meet.

    Attributes:
        uniform: the widest uniform widths that meet the budget.

    Args:
        graph: its channel groups.
        spec: which widths are allowed.
        budget: what they may cost.
    """

    def __init__(self, graph: ChannelGraph, spec: PruneSpec, budget: Budget) -> None:
        self._graph = graph
        self._groups = graph.free
        self._spec = spec
        self._budget = budget
        self._uniform_scale, self.uniform = self._widest(np.ones(len(self._groups)), 0.5, None)

    def shapes(self, count: int, generator: np.random.Generator) -> Array:
        """Returns log-normal shapes (count, groups)."""
        drawn: Array = np.exp(DEVIATION * generator.standard_normal((count, len(self._groups))))
        return drawn

    def widest(self, shape: Shape) -> dict[str, int]:
        """Returns the widest widths of a shape that meet the budget."""
        _, widths = self._widest(shape, self._nearly(shape[np.newaxis])[0], self._slope(shape))
        return widths

    def nearly(self, shapes: Array) -> list[dict[str, int]]:
        """Returns widths of each shape that cost nearly what the budget allows."""
        return [self.scaled(shape, scale) for shape, scale in zip(shapes, self._nearly(shapes), strict=True)]

    def scaled(self, shape: Shape, scale: float) -> dict[str, int]:
        """Returns the allowed widths nearest to a shape at a scale."""
        ideals = scale * shape
        return {
            group.name: allowed_width(group, group.channels * ideal, self._spec)
            for group, ideal in zip(self._groups, ideals.tolist(), strict=True)
        }

    def mutated(self, shape: Shape, generator: np.random.Generator) -> Shape:
        """Returns a shape in which two groups are otherwise, by about as much as in draws; one where there is one."""
        chosen = generator.permutation(len(shape))[:_CHANGED]
        factors = np.exp(DEVIATION * generator.standard_normal(len(chosen)))
        changed = shape.copy()
        changed[chosen] *= factors
        return changed

    def shape_of(self, widths: Widths) -> Shape:
        """Returns the shape of some widths."""
        return np.array([widths[group.name] / group.channels for group in self._groups])

    def _nearly(self, shapes: Array) -> Array:
        """Returns the scale of each shape by which no cost is above its limit, by the powers of `_powers`."""
        if not len(self._powers[0]):
            return np.full(len(shapes), self._uniform_scale)
        scales: Array = self._uniform_scale * np.exp(self._logarithms(shapes).min(axis=0))
        return scales

    def _slope(self, shape: Shape) -> float:
        """Returns by which power of the scale the cost grows whose limit a shape comes to first."""
        _, powers = self._powers
        if not len(powers):
            return _LEAST_SLOPE
        tightest = int(self._logarithms(shape[np.newaxis])[:, 0].argmin())
        return max(_LEAST_SLOPE, float(powers[tightest].sum()))

    def _logarithms(self, shapes: Array) -> Array:
        """Returns the logarithms of the scales, beside that of uniform widths, that meet each limit (limits, shapes).

        ln cost = ln cost of uniform + Σ power · (ln scale + ln shape).
        """
        slack, powers = self._powers
        logarithms: Array = (slack[:, np.newaxis] - powers @ np.log(shapes).T) / powers.sum(axis=1)[:, np.newaxis]
        return logarithms

    @cached_property
    def _powers(self) -> tuple[Array, Array]:
        """Per limit how far uniform widths are below it (limits,), as logarithms, and powers (limits, groups).

        A cost grows by its power of the width of a group. Limits that no group changes here are left out: a largest
        moment of memory, for instance, is where few of the groups are.
        """
        limits = self._budget.limits
        at = self._budget.figures(self.uniform)
        powers = np.zeros((len(limits), len(self._groups)))
        for place, group in enumerate(self._groups):
            width = self.uniform[group.name]
            other = allowed_width(group, width * (1 - _POWER_STEP), self._spec)
            if other == width:
                other = allowed_width(group, width / (1 - _POWER_STEP) + self._spec.multiple / 2, self._spec)
            if other == width:
                continue  # the group has one width
            costs = self._budget.figures({**self.uniform, group.name: other})
            ratios = [costs[name] / at[name] for name in limits]
            powers[:, place] = np.maximum(0.0, np.log(ratios) / np.log(other / width))
        changed = powers.sum(axis=1) > 0
        slack = np.array([np.log(limit / at[name]) for name, limit in limits.items()])
        return slack[changed], powers[changed]

    def _widest(self, shape: Shape, near: float, slope: float | None) -> tuple[float, dict[str, int]]:
        """Returns the largest scale found, from `near` on, at which a shape meets the budget, and its widths there.

        Each look is at where a line through the last ones almost takes the budget (regula falsi, on logarithms): a
        prediction of the firmware's cost takes longer than everything else here. Where no scale meets the budget, all
        groups have their least widths.

        Args:
            shape: of the widths.
            near: the scale that is looked at first.
            slope: by which power of the scale costs grow, about; None: nobody knows.
        """
        place, step = float(np.log(near)), _LEAST_STEP
        close = 0.0 if slope is None else _CLOSE * slope  # of what is left of the budget
        met: _Look | None = None
        unmet: _Look | None = None
        sides: list[bool] = []
        for _ in range(_MOST_LOOKS):
            look = _Look(place, self._over(shape, place))
            met, unmet = (met, look) if look.over > 0.0 else (look, unmet)
            sides.append(look.over > 0.0)
            if met is not None and (met.over >= -close or self._is_whole(shape, met.place)):
                break
            if met is not None and unmet is not None:
                if unmet.place - met.place <= _CLOSE:
                    break
                # Costs are stairs where groups are narrow: a line would come down to one of them in tiny steps.
                is_stuck = sides[-2:] in ([True, True], [False, False])
                place = (met.place + unmet.place) / 2 if is_stuck else _between(met, unmet, -close / 2)
            else:
                needed = abs(look.over + close / 2) / (slope or 1.0)
                place -= float(np.copysign(max(needed, step), look.over))
                step *= _STEP_GROWTH
        if met is None:
            return 0.0, least_widths(self._graph, self._spec)
        scale = float(np.exp(met.place))
        return scale, self.scaled(shape, scale)

    def _over(self, shape: Shape, place: float) -> float:
        """Returns the logarithm of the share of the budget that a shape takes at the logarithm of a scale."""
        return float(np.log(max(self._budget.share(self.scaled(shape, float(np.exp(place)))), _LEAST_SHARE)))

    def _is_whole(self, shape: Shape, place: float) -> bool:
        """True where no group can be wider."""
        widths = self.scaled(shape, float(np.exp(place)))
        return all(widths[group.name] == group.channels for group in self._groups)


class _Look(NamedTuple):
    """A look at a scale: its logarithm, and that of the share of the budget that widths take there."""

    place: float
    over: float


def _between(met: _Look, unmet: _Look, aim: float) -> float:
    """Returns where a line through two looks comes to what is aimed at, not too near to either of them."""
    share = (aim - met.over) / (unmet.over - met.over)
    return met.place + min(1 - _INWARDS, max(_INWARDS, share)) * (unmet.place - met.place)
