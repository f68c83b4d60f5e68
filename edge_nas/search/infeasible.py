"""Limits that no network can keep: what is said of them, by a family, by all families and for all boards.

raise of_families([error_of_fast_u, error_of_inverted_residual])
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from edge_nas.errors import ConfigError
from edge_nas.search.limits import Limit

_ALLOW_MORE = "allow more, or make data.input_shape smaller"


class InfeasibleError(ConfigError):
    """No network keeps the limits; the message says which limit, and the least that is reachable.

    Attributes:
        told: the message without advice.
        advice: what to do.
        board: whose limits they are.
        families: that were asked.
        beyond: limits that none of their networks keeps, with the least that is reachable; empty where each limit can
            be kept alone, and where families fail by different ones.
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
        self.told, self.advice = told, advice
        self.board, self.families, self.beyond = board, tuple(families), dict(beyond)


def out_of_reach(board: str, families: Sequence[str], beyond: Mapping[Limit, int]) -> InfeasibleError:
    """Returns the error of limits that are out of reach each by itself."""
    told = f"no network of {_named(families)} keeps the limits on {board}: {_reaches(beyond)}"
    return InfeasibleError(told, _ALLOW_MORE, board=board, families=families, beyond=beyond)


def of_families(refusals: Sequence[InfeasibleError], unknown: Mapping[str, Exception]) -> InfeasibleError:
    """Returns the error of several families on one board.

    Where all fail by the same limits it has the least that any of them reaches; else what each of them said: the least
    of one is no help where that fails by another limit as well.

    Args:
        refusals: of families, one at least.
        unknown: by further families, why nothing is known of what their networks cost.
    """
    first = refusals[0]
    families = [name for each in refusals for name in each.families]
    if len(refusals) == 1:
        error = first
    elif first.beyond and all(each.beyond.keys() == first.beyond.keys() for each in refusals):
        least = {limit: min(each.beyond[limit] for each in refusals) for limit in first.beyond}
        error = out_of_reach(first.board, families, least)
    else:
        error = _joined(refusals, board=first.board, families=families)
    if not unknown:
        return error
    told = [error.told, *(f"what networks of family {name} cost is not known: {why}" for name, why in unknown.items())]
    return InfeasibleError(
        "; ".join(told), error.advice, board=first.board, families=error.families, beyond=error.beyond
    )


def of_boards(refusals: Sequence[InfeasibleError]) -> InfeasibleError:
    """Returns the error of several boards, whose limits and cores are different ones."""
    first = refusals[0]
    if len(refusals) == 1:
        return first
    if all(each.beyond and each.families == first.families for each in refusals):
        boards = "; ".join(f"{each.board}: {_reaches(each.beyond)}" for each in refusals)
        told = f"no network of {_named(first.families)} keeps the limits of any board: {boards}"
        return InfeasibleError(told, _ALLOW_MORE, families=first.families)
    return _joined(refusals)


def reach(limit: Limit, least: int) -> str:
    """Returns a limit in words, with the least that is reachable."""
    return f"{limit.axis} may be {limit.most:,} ({limit.origin}), the least reachable is {least:,}"


def _joined(refusals: Sequence[InfeasibleError], *, board: str = "", families: Sequence[str] = ()) -> InfeasibleError:
    told, advice = (
        "; ".join(dict.fromkeys(texts))
        for texts in ([each.told for each in refusals], [each.advice for each in refusals])
    )
    return InfeasibleError(told, advice, board=board, families=families)


def _named(families: Sequence[str]) -> str:
    return f"family {families[0]}" if len(families) == 1 else f"the families {', '.join(families)}"


def _reaches(beyond: Mapping[Limit, int]) -> str:
    return "; ".join(reach(limit, least) for limit, least in beyond.items())
