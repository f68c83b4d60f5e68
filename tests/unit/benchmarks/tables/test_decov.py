from typing import Any

from benchmarks.tables.decov import RATIOS, decov_differences, decov_table


def row(weight: float, seed: int, miou: float) -> dict[str, Any]:
    removed = {f"{network}_{ratio}": miou - ratio / 10 for ratio in RATIOS for network in ("cut", "repaired", "tuned")}
    return {
        "place": "output",
        "weight": weight,
        "seed": seed,
        "miou": miou,
        "rank": 2.0,
        "mean_correlation": 0.5,
    } | removed


ROWS = [row(0.0, 0, 0.8), row(0.0, 1, 0.9), row(0.1, 0, 0.81), row(0.1, 1, 0.87)]


def test_spreads_over_the_seeds_in_the_units_of_the_headings() -> None:
    head, _, without, with_penalty = decov_table(ROWS).splitlines()
    assert head.startswith(
        "| place | weight | mIoU | effective rank | mean abs. correlation | cut, 50% off | repaired, 50% off"
    )
    assert without.startswith(
        "| - | 0 | 85.0 (80.0 to 90.0) | 2.0 (2.0 to 2.0) | 0.50 (0.50 to 0.50) | 80.0 (75.0 to 85.0) |"
    )
    assert with_penalty.startswith("| output | 0.1 | 84.0 (81.0 to 87.0) |")


def test_gains_are_those_over_the_same_seed() -> None:
    # +1 and -3 points: mean -1, standard deviation 2.83, standard error 2.
    (line,) = decov_differences(ROWS).splitlines()[2:]
    assert line == f"| output | 0.1 |{' -1.0 ± 2.0 |' * 5}"


def test_one_seed_has_no_standard_error() -> None:
    (line,) = decov_differences([ROWS[0], ROWS[2]]).splitlines()[2:]
    assert line.startswith("| output | 0.1 | +1.0 ± nan |")
