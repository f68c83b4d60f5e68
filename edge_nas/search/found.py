"""What a search came to, as it hands it on to be published."""

from dataclasses import dataclass

from edge_nas.search.final import Final, FinalResult
from edge_nas.search.finalist import Finalist
from edge_nas.search.front import Standing
from edge_nas.search.halving import RungRecord
from edge_nas.search.pool import Pool


@dataclass(frozen=True)
class Found:
    """What a search came to: all that it has tried, in values; `boards` are called as the request called them."""

    boards: tuple[str, ...]
    pools: tuple[Pool, ...]
    rungs: tuple[RungRecord, ...]
    finals: tuple[tuple[Finalist, Final, FinalResult], ...]
    standings: tuple[tuple[Standing, ...], ...]
