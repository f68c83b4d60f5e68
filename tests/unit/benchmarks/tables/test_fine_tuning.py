from benchmarks.tables.fine_tuning import Row, fine_tuning_table


def row(network: str, before: float | None, trained: float) -> Row:
    return Row(network=network, seed=0, before=before, trained=trained, params=900, macs_share=0.1, cpu_seconds=30.0)


def test_networks_in_the_order_asked_for_each_before_its_like_from_scratch() -> None:
    rows = [row("small scratch", None, 0.8), row("large", 0.9, 0.95), row("small", 0.5, 0.7), row("small", 0.6, 0.9)]
    assert fine_tuning_table(rows, ["small", "large"]).splitlines()[2:] == [
        "| small | 55.00 (50.00 to 60.00) | **80.00 (70.00 to 90.00)** | 900 | 10.0% | 2 | 30 |",
        "| small scratch |  | **80.00** | 900 | 10.0% | 1 | 30 |",
        "| large | 90.00 | **95.00** | 900 | 10.0% | 1 | 30 |",
    ]
