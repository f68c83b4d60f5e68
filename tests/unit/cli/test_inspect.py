import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from int8graphs.ends import several_ends
from int8graphs.single import Given, single

from edge_nas.cli.main import run

LIMIT_S = 1.5


def test_it_shows_operators_sizes_and_where_memory_peaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "several.tflite"
    path.write_bytes(several_ends())
    assert run(["inspect", str(path), "--json", "--board", "all"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [operator["kind"] for operator in told["operators"]][:3] == ["QUANTIZE", "QUANTIZE", "ADD"]
    # While the last operator runs: both other outputs' 35 codes, and 35 reals.
    assert told["operators"][-1]["live_bytes"] == 35 + 35 + 140
    assert told["peak_ram_bytes"] == max(operator["live_bytes"] for operator in told["operators"])
    assert all(operator["refused"] is None for operator in told["operators"])
    assert all(board["fits"] for board in told["boards"])
    assert run(["inspect", str(path)]) == 0
    text = capsys.readouterr().out
    assert "every operator is compiled" in text
    assert "#" * 24 in text


def test_a_refused_operator_is_marked_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "softmax.tflite"
    path.write_bytes(single("SOFTMAX", [Given((1, 3))], Given((1, 3), 1 / 128, -128), {"Beta": 1.0}).data)
    assert run(["inspect", str(path)]) == 0
    text = capsys.readouterr().out
    assert "!   0 SOFTMAX" in text
    assert "supported: 1/256 and -128" in text


def test_what_does_not_fit_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "large.tflite"
    shape = (1, 1200, 1200, 1)
    path.write_bytes(single("RELU", [Given(shape)], Given(shape), {}).data)
    assert run(["inspect", str(path), "--board", "stm32l4r5"]) == 0
    assert "DOES NOT FIT" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_a_bad_input(tmp_path: Path) -> None:
    assert run(["inspect", str(tmp_path / "none.tflite")]) == 3


def test_it_loads_no_tensorflow_and_is_quick(tmp_path: Path) -> None:
    path = tmp_path / "several.tflite"
    path.write_bytes(several_ends())
    probe = (
        "import sys; from edge_nas.cli.main import run; code = run(['inspect', sys.argv[1]]); "
        "sys.exit(code or 'tensorflow' in sys.modules)"
    )
    command = [sys.executable, "-c", probe, str(path)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    begin = time.process_time()
    assert run(["inspect", str(path)]) == 0
    assert time.process_time() - begin < LIMIT_S
