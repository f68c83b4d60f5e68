from pathlib import Path
from typing import Any

import pytest

from edge_nas.comparison import compare, read_subject
from edge_nas.errors import ArtifactError, InputError, UnsafeError


def compared(a: Path, b: Path, board: str | None = None) -> Any:
    return compare(read_subject(a), read_subject(b), board)


def test_two_runs(make_run: Any) -> None:
    a = make_run("a")
    b = make_run("b", left_out=(0.85, 0.87, 0.86), instructions=2_000_000, settings=("prune.ratio=0.75",))
    comparison = compared(a, b)
    assert comparison.settings == {"prune.ratio": (0.5, 0.75)}
    assert comparison.board == "nrf52840"
    assert comparison.score_change.is_paired
    # Every block says the same of the difference, so that 0.01 is more than chance although either varies as much.
    assert comparison.score_change.value == pytest.approx(-0.01)
    assert comparison.score_change.standard_error == pytest.approx(0.0, abs=1e-9)
    assert comparison.a.score.standard_error > 0.005
    assert comparison.verdict == "B takes less; it scores worse by more than chance explains"
    assert (comparison.a.fits, comparison.b.fits) == (True, True)
    # 64 MHz and the cycles per instruction of the board's file.
    assert comparison.a.figures.milliseconds / comparison.b.figures.milliseconds == pytest.approx(1.25)


def test_a_difference_that_images_do_not_show(make_run: Any) -> None:
    comparison = compared(make_run("a", left_out=(0.80, 0.90, 0.85)), make_run("b", left_out=(0.90, 0.80, 0.86)))
    assert comparison.verdict == "B takes the same; these images show no difference in score"


def test_a_candidate_that_does_not_fit(make_run: Any) -> None:
    comparison = compared(make_run("a"), make_run("b", sram_bytes=300_000))
    assert comparison.b.fits is False
    assert comparison.verdict.startswith("B takes more;")
    assert comparison.verdict.endswith("B DOES NOT FIT the board, A does")


def test_a_result_alone_has_no_spread_and_no_settings(make_run: Any) -> None:
    run = make_run("a")
    comparison = compared(run / "result.json", run)
    assert comparison.settings is None
    assert comparison.score_change.standard_error is None
    assert comparison.score_change.is_paired is None


def test_another_board_whose_core_was_not_counted_is_not_known(make_run: Any) -> None:
    comparison = compared(make_run("a"), make_run("b"), "esp32c3")
    assert comparison.b.figures.instructions is None
    assert comparison.b.fits is None
    assert "rv32imac" in comparison.b.unknown


def test_two_int8_files_are_predicted(tiny_models: Any) -> None:
    comparison = compared(tiny_models.int8_tflite, tiny_models.int8_tflite, "stm32l4r5")
    assert comparison.b.figures.macs == comparison.a.figures.macs > 0
    assert comparison.b.figures.instructions or comparison.b.unknown


def test_what_is_refused(make_run: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        read_subject(tmp_path / "none")
    with pytest.raises(InputError, match=r"without result\.json"):
        read_subject(tmp_path)
    (tmp_path / "wrong.json").write_text('{"status": "ok", "more": 1}')
    with pytest.raises(ArtifactError, match="more"):
        read_subject(tmp_path / "wrong.json")
    run = make_run("a")
    (run / "result.json").unlink()
    (run / "result.json").symlink_to(tmp_path / "wrong.json")
    with pytest.raises(UnsafeError):
        read_subject(run)
