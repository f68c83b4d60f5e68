"""The script benchmarks/latency.py, run as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def latency(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.latency", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_files_are_timed_side_by_side_as_json(tiny_models) -> None:
    done = latency(tiny_models.float_tflite, tiny_models.int8_onnx, "--runs", 6, "--json")
    assert done.returncode == 0, done.stderr
    output = json.loads(done.stdout)
    assert [(one["model"], one["runtime"]) for one in output["benchmarks"]] == [
        ("float.tflite", "litert"),
        ("int8.onnx", "onnxruntime"),
    ]
    assert all(one["runs"] == 6 and one["threads"] == 1 for one in output["benchmarks"])


def test_the_table_gives_ratios_against_the_first_file(tiny_models) -> None:
    done = latency(tiny_models.int8_tflite, tiny_models.int8_tflite, "--runs", 6)
    assert done.returncode == 0, done.stderr
    assert "1.00x" in done.stdout
    assert "p90" in done.stdout


def test_mistakes_end_in_one_line_and_the_right_code(tmp_path: Path) -> None:
    done = latency(tmp_path / "absent.tflite")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "absent.tflite" in done.stderr
    assert latency("model.tflite", "--runs", 0).returncode == 2
    assert latency().returncode == 2
