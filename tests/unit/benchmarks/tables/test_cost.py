from benchmarks.tables.cost import monitor_table, overhead_table, penalty_table

QUARTILES = [-1.0, 0.5, 2.0]


def test_the_penalty_by_variant() -> None:
    row = {"penalty": "stride 2", "ms": 12.34, "wall_percent": [1.0, 2.0, 3.0], "processor_percent": QUARTILES}
    (line,) = penalty_table([row]).splitlines()[2:]
    assert line == "| stride 2 | 12.3 | +2.0 % (+1.0 to +3.0) | +0.5 % (-1.0 to +2.0) |"


def test_the_first_epoch_stands_apart() -> None:
    without = [(9.0, 8.0), (1.0, 2.0), (3.0, 4.0), (2.0, 9.0)]
    plain, _ = monitor_table(without, without).splitlines()[2:]
    assert plain == "| without | 9.00 | 2.000 | 4.000 |"


def test_what_both_add_by_network() -> None:
    penalty = {"rows": [{"penalty": "without", "processor_percent": [0, 0, 0]}]}
    penalty["rows"].append({"penalty": "stride 1", "processor_percent": QUARTILES})
    monitor = {"more_percent_quartiles": {"wall time": [9, 9, 9], "processor time": [1.0, 2.0, 3.0]}}
    assert overhead_table({"Net": penalty}, {"Net": monitor}).splitlines()[2:] == [
        "| the default penalty, per training step | +0.5 % (-1.0 to +2.0) |",
        "| the monitor's record, per epoch | +2.0 % (+1.0 to +3.0) |",
    ]
