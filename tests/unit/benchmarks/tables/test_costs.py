from benchmarks.tables.costs import costs_table


def test_a_line_for_each_core() -> None:
    row = {"core": "cortex-m4", "networks": 200, "unknown": 1, "median": 0.4567, "worst": 4.07}
    row |= {"flash_median": 0.3, "flash_worst": 4.0, "macs_median": 70.4, "macs_worst": 228.0, "per_mac": 2.345}
    assert costs_table([row]).splitlines()[2] == (  # type: ignore[list-item]
        "| cortex-m4 | 200 | 1 | 0.46 %, worst 4.1 % | 0.30 %, worst 4.0 % | 70 %, worst 228 % | 2.35 |"
    )
