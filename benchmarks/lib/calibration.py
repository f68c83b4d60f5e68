"""The networks that costs and paces are fitted to: of every family, and small ones of rare kernels.

    for network, arena_limit in calibration_networks(80): ...

Those that errors are told of are others: the random networks of the seeds 0, 1, ...
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from benchmarks.lib.assorted import (
    assorted_network,
    blocks_network,
    common_network,
    pointwise_network,
    repeated_network,
    windows_network,
)
from benchmarks.lib.networks import RandomNetwork, random_network
from benchmarks.lib.rare import foreign_network, recurrent_network, short_network

_FIRST_SEED = 1000
# Between two networks of a family that are counted of one seed: those of fewer seeds are some of those of more.
_OTHERS = 80
# Of one family, networks without the memory that fast layouts take: kernels on flat tensors come to the fore.
_FLAT_EVERY = 4
# Of loops that no other has: Helium's last two pixels of many channels, linear.
_RARE = (1128,)
# Of depthwise layers with a border of another value, and of strides in both dimensions between planes.
_RARE_PIECES = (1032, 1040, 1068, 1072)
# Of kernels that stand twice in a network, and in networks of searches alone.
_REPEATED = 4
# Of windows that the compiler knows to have few outputs, full blocks of them, or one: each on one row and on several.
# They take the fast kernels, whatever an interpreter's arena would be.
_BLOCKS, _ROOMY = 16, 1 << 20
# Of operators that only other people's files have, so that every piece is drawn ten times, or eight of int16; and
# recurrent layers of every kind and size.
_RARE_FAMILIES = ((foreign_network, 15), (short_network, 10), (recurrent_network, 36))


def calibration_networks(networks: int) -> Iterator[tuple[RandomNetwork, int | None]]:
    """Yields networks and the limit of their arena, see `compile_tflite`; of the common families so many, and others.

    They are made as they are asked for.
    """
    for number in range(networks):
        seed = _FIRST_SEED + number
        yield random_network(seed), None
        if number % _FLAT_EVERY == 0:
            yield random_network(seed + _OTHERS), 0
            yield assorted_network(seed), None
            yield windows_network(seed), None
            yield windows_network(seed + _OTHERS), 0
            yield pointwise_network(seed), None
            yield pointwise_network(seed + _OTHERS), None
            yield common_network(seed), None
    for seed in _RARE:
        yield pointwise_network(seed), None
    for seed in _RARE_PIECES:
        if seed >= _FIRST_SEED + networks:  # not among those above
            yield assorted_network(seed), None
    for seed in range(_REPEATED):
        yield repeated_network(seed), None
    for seed in range(_BLOCKS):
        yield blocks_network(seed), _ROOMY
    for family, number in _RARE_FAMILIES:
        for seed in range(number):
            yield family(seed), None


def covering(held: Sequence[frozenset[Hashable]], often: int, first: Sequence[int] = ()) -> list[int]:
    """Returns the numbers of few sets, so that each thing is in `often` of them, or in all that hold it; sorted.

    The one that adds most comes first, of equal ones the first (the greedy cover of Chvatal 1979).

    Args:
        held: the sets.
        often: in how many a thing is.
        first: numbers that are taken in any case.
    """
    wanted = Counter({thing: min(often, number) for thing, number in _holders(held).items()})
    wanted -= _holders([held[number] for number in first])
    chosen = set(first)
    while wanted:
        left = (number for number in range(len(held)) if number not in chosen)
        best = max(left, key=lambda number: (len(held[number] & wanted.keys()), -number))
        chosen.add(best)
        wanted -= _holders([held[best]])
    return sorted(chosen)


def _holders(held: Sequence[frozenset[Hashable]]) -> Counter[Hashable]:
    """Returns of each thing how many sets hold it."""
    return Counter(thing for each in held for thing in each)
