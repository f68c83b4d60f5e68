import itertools

from benchmarks.lib.calibration import calibration_networks, covering


def test_few_sets_hold_everything_often_enough() -> None:
    held = [frozenset("a"), frozenset("abc"), frozenset("cd"), frozenset("abd"), frozenset()]
    assert covering(held, 1) == [1, 2]
    # "d" is in two of them only.
    assert covering(held, 2) == [1, 2, 3]
    assert covering(held, 9) == [0, 1, 2, 3]
    assert covering(held, 1, [3]) == [1, 3]
    assert covering(held, 1, [0, 4]) == [0, 1, 2, 4]
    assert covering([], 3) == []


def test_those_of_fewer_networks_are_some_of_those_of_more() -> None:
    few = [(network.family, network.seed, limit) for network, limit in itertools.islice(calibration_networks(1), 8)]
    more = [(network.family, network.seed, limit) for network, limit in itertools.islice(calibration_networks(9), 8)]
    assert few == more
    assert few[0][1] == 1000
    assert {limit for _, _, limit in few} == {None, 0}
