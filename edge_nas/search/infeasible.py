"""Limits that no network can keep: what is said of them, by a family, by all families and for all boards.

raise of_families([error_of_fast_u, error_of_inverted_residual])
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from edge_nas.errors import ConfigError
from edge_nas.search.limits import Limit


class InfeasibleError(ConfigError):
    """No network keeps the limits; the message says which limit, and the least that is reachable.

    Attributes:
        board: whose limits they are.
        families: that were asked.
        beyond: limits that none of their networks keeps, with the least that is reachable; empty where each limit can
            be kept alone.
    """

    def __init__(
        self,
        told: str,
        advice: str,
        *,
        board: str = "",
        families: Sequence[str] = (),
        beyond: Mapping[Limit, int] = MappingProxyType({}),
    ) -> None:
        super().__init__(f"{told}; {advice}")
        self.board, self.families = board, tuple(families)
        self.beyond = MappingProxyType(dict(beyond))
        self._told, self._advice = told, advice

    @classmethod
    def of_limits(cls, board: str, families: Sequence[str], beyond: Mapping[Limit, int]) -> "InfeasibleError":
        """Returns the error of limits that are out of reach each by itself."""
        named = f"family {families[0]}" if len(families) == 1 else f"the families {', '.join(families)}"
        reaches = "; ".join(reach(limit, least) for limit, least in beyond.items())
        told = f"no network of {named} keeps the limits on {board}: {reaches}"
        return cls(told, "allow more, or make data.input_shape smaller", board=board, families=families, beyond=beyond)

    @classmethod
    def _joined(cls, refusals: Sequence["InfeasibleError"]) -> "InfeasibleError":
        first = refusals[0]
        told = "; ".join(dict.fromkeys(each._told for each in refusals))
        return cls(told, first._advice, board=first.board, families=first.families, beyond=first.beyond)


def reach(limit: Limit, least: int) -> str:
    """Returns a limit in words, with the least that is reachable."""
    return f"{limit.axis} may be {limit.most:,} ({limit.origin}), the least reachable is {least:,}"


def of_families(refusals: Sequence[InfeasibleError]) -> InfeasibleError:
    """Returns the error of several families on one board: of a limit that none of them keeps, the least of all.

    Where each family fails by another limit, what each of them said.
    """
    if len(refusals) == 1:
        return refusals[0]
    least = {
        limit: min(each.beyond[limit] for each in refusals)
        for limit in refusals[0].beyond
        if all(limit in each.beyond for each in refusals)
    }
    if not least:
        return InfeasibleError._joined(refusals)
    families = [name for each in refusals for name in each.families]
    return InfeasibleError.of_limits(refusals[0].board, families, least)


def of_boards(refusals: Sequence[InfeasibleError]) -> InfeasibleError:
    """Returns the error of several boards, one after the other: their limits are different ones."""
    return refusals[0] if len(refusals) == 1 else InfeasibleError._joined(refusals)
