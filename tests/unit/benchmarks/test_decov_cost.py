from benchmarks.decov_cost import penalty_row, turned


def test_every_variant_comes_first_in_turn() -> None:
    assert [turned(["a", "b", "c"], number) for number in (0, 1, 2, 3)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_steps_are_held_against_those_of_their_own_round() -> None:
    # Wall time: 10, 20, 30 % more; processor time: the same.
    rounds = [{"without": (2.0, 1.0), "it": (2.2, 1.0)}, {"without": (1.0, 3.0), "it": (1.2, 3.0)}]
    rounds.append({"without": (10.0, 2.0), "it": (13.0, 2.0)})
    row = penalty_row("it", rounds)
    assert [round(percent) for percent in row["wall_percent"]] == [10, 20, 30]
    assert row["processor_percent"] == [0.0, 0.0, 0.0]
    assert row["ms"] == 2200.0
