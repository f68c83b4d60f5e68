from benchmarks.tables.accuracy import Row, accuracy_table


def row(variant: str, seed: int, held_out: str | None, score: float) -> Row:
    return Row(
        variant=variant,
        seed=seed,
        held_out=held_out,
        split="val",
        trained=score,
        repaired=score,
        pruned=score,
        int8=score - 0.01,
        mean_mask=0.4,
        all_background=0.3,
        params=1_234,
        macs=5_670_000,
        seconds=1.0,
    )


def test_seeds_are_one_line_in_the_order_of_the_variants() -> None:
    rows = [row("pruned", 0, None, 0.7), *(row("unpruned", seed, None, 0.8 + 0.01 * seed) for seed in (0, 1, 2))]
    unpruned, pruned = accuracy_table(rows).splitlines()[2:]
    spread = "81.0 (80.0 to 82.0)"
    int8 = "**80.0 (79.0 to 81.0)**"
    assert unpruned == f"| unpruned | val | {spread} | {spread} | {spread} | {int8} | 40.0 | 30.0 | 1,234 | 5.67 M |"
    assert pruned == "| pruned | val | 70.0 | 70.0 | 70.0 | **69.0** | 40.0 | 30.0 | 1,234 | 5.67 M |"


def test_groups_that_are_held_out_get_a_mean_over_which_seeds_spread() -> None:
    scores = {("a", 0): 0.5, ("b", 0): 0.7, ("a", 1): 0.6, ("b", 1): 0.9}
    lines = accuracy_table([row("unpruned", seed, group, score) for (group, seed), score in scores.items()])
    first, second, mean = lines.splitlines()[2:]
    assert first.startswith("| unpruned | a held out | 55.0 (50.0 to 60.0) |")
    assert second.startswith("| unpruned | b held out | 80.0 (70.0 to 90.0) |")
    # Means of the seeds are 60 and 75.
    assert mean.startswith("| unpruned | mean over groups | 67.5 (60.0 to 75.0) |")
