import pytest

from benchmarks.lib.markdown import percent, spread, table


def test_a_table_has_a_head_a_rule_and_a_line_per_row() -> None:
    assert table(["a", "b"], [["1", ""], ["3", "4"]]) == "| a | b |\n|---|---|\n| 1 |  |\n| 3 | 4 |"


def test_a_row_with_a_cell_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="1 cells under 2 headings"):
        table(["a", "b"], [["1"]])


@pytest.mark.parametrize(
    ("values", "sign", "text"),
    [
        ([], "", ""),
        ([1.25], "", "1.2"),
        ([3.0, 1.0, 2.0], "", "2.0 (1.0 to 3.0)"),
        ([1.0, 2.0], "", "1.5 (1.0 to 2.0)"),
        ([-1.0, 0.5], "+", "-0.2 (-1.0 to +0.5)"),
    ],
)
def test_a_spread_is_median_lowest_and_highest(values: list[float], sign: str, text: str) -> None:
    assert spread(values, digits=1, sign=sign) == text


def test_per_cent() -> None:
    assert percent([0.5, 1.0]) == [50.0, 100.0]
