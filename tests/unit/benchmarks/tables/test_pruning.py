from typing import Any

from benchmarks.tables.pruning import Row, budget_table, criteria_table, printed_headings, printed_line, ratio_table


def row(criterion: str = "covariance", ratio: float = 0.5, repaired: float = 0.9, budget: Any = None) -> Row:
    return Row(
        what=f"{ratio:.1%} of every group",
        criterion=criterion,
        prune={"ratio": ratio, "budget": budget},
        cut=0.4,
        repaired=repaired,
        params=1_200,
        macs_share=0.25,
        seconds=12.4,
        cpu_seconds=20.0,
    )


def test_by_ratio() -> None:
    assert ratio_table([row()]).splitlines()[2:] == ["| covariance | 50.0% | **90.00** | 1,200 | 25.0% |"]


def test_criteria_are_ranked_at_the_largest_ratio_and_strangers_come_last() -> None:
    scores = {"l1": (0.9, 0.7), "taylor": (0.8, 0.8), "Torch-Pruning l1": (0.99, 0.99)}
    rows = [
        row(name, ratio, score) for name, pair in scores.items() for ratio, score in zip((0.5, 0.75), pair, strict=True)
    ]
    head, _, *lines = criteria_table(rows).splitlines()
    assert head == "| criterion | 50 % cut | 50 % repaired | 75 % cut | 75 % repaired |"
    assert [line.split(" | ")[0] for line in lines] == ["| taylor (looks at the labels)", "| l1", "| Torch-Pruning l1"]
    assert lines[1] == "| l1 | 40.0 | **90.00** | 40.0 | **70.00** |"


def test_searched_widths_are_bold_and_uniform_ones_are_not() -> None:
    searched, uniform = budget_table([row(budget={"macs": 0.1}), row(ratio=0.69)]).splitlines()[2:]
    assert searched == "| 10 % of the MACs stay | **90.00** | 1,200 | 25.0% | 12 |"
    assert uniform == "| uniform, 69.0% of every group | 90.00 | 1,200 | 25.0% | 12 |"


def test_what_is_printed_row_by_row_is_one_table() -> None:
    head = printed_headings().splitlines()[0]
    assert head.count("|") == printed_line(row()).count("|")
