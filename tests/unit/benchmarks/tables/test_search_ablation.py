"""The table of searches with a part left out."""

from benchmarks.tables.search_ablation import Row, ablation_table


def test_the_table_has_medians_over_seeds() -> None:
    rows = [
        Row(arm="a", seed=seed, best=score, area=score / 2, found=seed) for seed, score in enumerate((0.8, 0.9, 0.7))
    ]
    assert ablation_table(rows).splitlines()[-1] == "| a | 80.0 (70.0 to 90.0) | 40.0 (35.0 to 45.0) | 1 | 3 |"
