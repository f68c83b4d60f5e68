from benchmarks.tables.quantization import quantization_table


def test_losses_in_points_over_seeds_and_what_was_not_measured() -> None:
    rows = [
        {"config": "b", "network": "trained", "seed": 0, "float": 0.9, "ptq": 0.91},
        {"config": "a", "network": "pruned", "seed": 0, "float": 0.8, "ptq": 0.79, "qat": 0.8},
        {"config": "a", "network": "pruned", "seed": 1, "float": 0.9, "ptq": 0.87, "qat": 0.88},
        {"config": "a", "network": "trained", "seed": 0, "float": 0.9, "ptq": 0.9},
    ]
    assert quantization_table(rows).splitlines() == [
        "| run | network | seeds | float | PTQ | QAT |",
        "|---|---|---|---|---|---|",
        "| a | trained | 1 | 90.00 | +0.00 | not measured |",
        "| a | pruned | 2 | 85.00 (80.00 to 90.00) | +2.00 (+1.00 to +3.00) | +1.00 (+0.00 to +2.00) |",
        "| b | trained | 1 | 90.00 | -1.00 | not measured |",
    ]
