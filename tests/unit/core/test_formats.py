"""Figures as text."""

from edge_nas.core.formats import count, kibibytes, score


def test_figures_for_people() -> None:
    assert [count(number) for number in (0, 9_999, 10_000, 5_930_000)] == ["0", "9999", "10.0 k", "5.93 M"]
    assert [kibibytes(number) for number in (1536, 3_000_000)] == ["1.5 KiB", "2,929.7 KiB"]
    assert (score(0.12345), score(None)) == ("0.123", "undefined")
