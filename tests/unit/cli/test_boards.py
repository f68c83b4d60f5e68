import json
import subprocess
import sys

import pytest

from edge_nas.cli.main import run


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["boards", "--json"]) == 0
    listed = {board["name"]: board for board in json.loads(capsys.readouterr().out)["boards"]}
    assert listed["stm32l4r5"]["sram_bytes"]["value"] == 655_360
    assert run(["boards"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in listed)
    assert "640 KiB" in text


def test_one_board_says_where_its_facts_are_from_and_that_latency_is_an_estimate(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["boards", "stm32l4r5"]) == 0
    text = capsys.readouterr().out
    assert "SRAM: 655,360 bytes (STM32L4R5xx datasheet DS12023" in text
    assert (
        "latency: an estimate (±20 %), 1.14 times the cycles of the core's published timings and 0.84 for each" in text
    )
    assert run(["boards", "host"]) == 0
    assert "latency: an estimate" not in capsys.readouterr().out


def test_an_unknown_board_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["boards", "stm32l4"]) == 2
    assert "did you mean 'stm32l4r5'" in capsys.readouterr().err


def test_no_tensorflow_is_loaded() -> None:
    probe = "import sys; from edge_nas.cli.main import run; run(['boards']); sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False, capture_output=True).returncode == 0
