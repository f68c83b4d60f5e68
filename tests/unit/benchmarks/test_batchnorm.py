from benchmarks.batchnorm import _row
from benchmarks.tables.batchnorm import ANEW, MOVING, batchnorm_table


def test_an_epoch_is_chosen_on_one_half_and_scored_on_the_other() -> None:
    row = _row(3, ANEW, [(0.2, 0.9), (0.8, 0.5), (0.6, 0.6)])
    assert row == {"seed": 3, "scored_with": ANEW, "chosen": (0.5 + 0.2) / 2, "last": 0.6}


def test_the_table_has_the_median_of_each_kind_over_seeds() -> None:
    rows = [_row(seed, kind, [(score, score)]) for seed, score in enumerate((0.5, 0.7)) for kind in (MOVING, ANEW)]
    assert batchnorm_table(rows).splitlines()[2] == (
        "| moving averages | 2 | 60.0 (50.0 to 70.0) | 60.0 (50.0 to 70.0) |"
    )
