"""The table of networks that are narrowed."""

from benchmarks.tables.narrowing import Row, narrowing_table


def test_the_table_has_medians_over_seeds() -> None:
    rows = [
        Row(family="fast_u", instructions=800_000, seed=seed, trained=0.9, trained_instructions=2_000_000,
            narrowed=score, narrowed_instructions=790_000 + seed, seconds=10.0 * seed)
        for seed, score in enumerate((0.7, 0.8, 0.85))
    ]  # fmt: skip
    line = "| fast_u | 2,000,000 | 90.0 (90.0 to 90.0) | 790,001 | 80.0 (70.0 to 85.0) | 10 s | 3 |"
    assert narrowing_table(rows).splitlines()[-1] == line
