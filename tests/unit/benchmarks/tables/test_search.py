"""The table of searches."""

from benchmarks.tables.search import ON_GROUP, Row, search_table


def _row(
    arm: str, seed: int, score: float, *, limit: int = 1_600_000, found: int | None = None, group: str | None = None
) -> Row:
    return Row(
        arm=arm, limit=limit, group=group, seed=seed, network="fast_u: stem 8", score=score,
        search_group="a" if arm == ON_GROUP else None, as_found=None if found is None else 0.952,
        instructions=1_500_000 + seed + (group is not None) * 99, flash_bytes=30_000, ram_bytes=9_000, found=found,
        seconds=None if found is None else 1230.0,
    )  # fmt: skip


HELD_OUT = [(0, "a", 0.8), (1, "a", 0.81), (0, "b", 0.9)]


def test_a_line_per_limit_and_arm_with_the_median() -> None:
    rows = [_row("hand-made", seed, score) for seed, score in enumerate((0.911, 0.905, 0.93))]
    rows += [_row("search", seed, score, found=11) for seed, score in enumerate((0.94, 0.92, 0.93))]
    rows += [_row("search", seed, score, found=11, group=group) for seed, group, score in HELD_OUT]
    rows.append(_row("hand-made", 0, 0.9, limit=800_000))
    lines = search_table(rows).splitlines()[2:]
    assert [[cell.strip() for cell in line.strip("|").split("|")] for line in lines] == [
        ["0.8 M", "hand-made", "", "**90.0**", "90.0 to 90.0", "", "", "1", "1,500,000", "30,000", "9,000", "", ""],
        [
            "1.6 M",
            "search",
            "95.2",
            "**93.0**",
            "92.0 to 94.0",
            "85.2",
            "80.5, 90.0",
            "3",
            "1,500,002",
            "30,000",
            "9,000",
            "11",
            "20.5",
        ],
        ["1.6 M", "hand-made", "", "**91.1**", "90.5 to 93.0", "", "", "3", "1,500,002", "30,000", "9,000", "", ""],
    ]


def test_a_group_that_a_network_was_chosen_by_is_marked_and_in_no_mean() -> None:
    rows = [_row(ON_GROUP, 0, 0.9, found=11)]
    rows += [_row(ON_GROUP, seed, score, found=11, group=group) for seed, group, score in HELD_OUT]
    (line,) = search_table(rows).splitlines()[2:]
    assert [cell.strip() for cell in line.strip("|").split("|")][5:7] == ["", "(80.5), 90.0"]
