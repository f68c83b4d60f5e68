"""The script benchmarks/parity.py, run as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


def comparison(**given: Any) -> dict[str, Any]:
    return {
        "reference": "litert reference", "candidate": "numpy (model.tflite)", "inputs": 10, "exact_share": 1.0,
        "within_one_share": 1.0, "max_abs": 0.0, "mean_abs": 0.0, "unit": "lsb", "mask_agreement": 1.0, "miou": 0.9,
    } | given  # fmt: skip


def parity(tmp_path: Path, *results: dict[str, Any]) -> str:
    runs = []
    for number, result in enumerate(results):
        runs.append(tmp_path / f"run{number}")
        runs[-1].mkdir()
        (runs[-1] / "result.json").write_text(json.dumps(result))
    command = [sys.executable, "-m", "benchmarks.parity", *map(str, runs), "--json", str(tmp_path / "parity.json")]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_over_seeds_the_lowest_share_the_largest_difference_and_the_median_score_stand(tmp_path: Path) -> None:
    default = {"candidate": "litert (model.tflite)"}
    runs = [
        [comparison(miou=0.91), comparison(**default, exact_share=0.6, max_abs=3.0, mean_abs=0.5, miou=0.9)],
        [comparison(miou=0.93), comparison(**default, exact_share=0.5, max_abs=9.0, mean_abs=0.7, miou=0.95)],
        [comparison(miou=0.92), comparison(**default, exact_share=0.7, max_abs=4.0, mean_abs=0.6, miou=0.91)],
    ]
    said = parity(tmp_path, *({"name": "net", "parity": rows} for rows in runs))
    assert "net, 3 runs, 10 images" in said
    assert "| numpy (model.tflite) | litert reference | 100.00% | 100.00% | 0 | 0.00 | 100.00% | 92.00 |" in said
    assert "| litert (model.tflite) | litert reference | 50.00% | 100.00% | 9 | 0.60 | 100.00% | 91.00 |" in said


def test_each_configuration_has_a_table_and_floats_their_own_unit(tmp_path: Path) -> None:
    floats = comparison(reference="keras", candidate="onnxruntime (model.onnx)", unit="logit", max_abs=7.3e-6)
    said = parity(tmp_path, {"name": "one", "parity": [comparison()]}, {"name": "other", "parity": [floats]})
    assert said.index("one, 1 runs") < said.index("other, 1 runs")
    assert "| onnxruntime (model.onnx) | keras | 100.00% | 100.00% | 7.3e-06 | 0.0e+00 | 100.00% | 90.00 |" in said
    assert set(json.loads((tmp_path / "parity.json").read_text())["networks"]) == {"one", "other"}
