from benchmarks.monitor_cost import more_percent


def test_epochs_after_the_first_are_held_against_each_other() -> None:
    without = [(9.0, 9.0), (1.0, 1.0), (2.0, 1.0), (1.0, 1.0)]
    watched = [(99.0, 99.0), (1.1, 1.0), (2.4, 1.0), (1.3, 1.0)]
    assert [round(percent) for percent in more_percent(without, watched, 0)] == [10, 20, 30]
    assert more_percent(without, watched, 1) == [0.0, 0.0, 0.0]
