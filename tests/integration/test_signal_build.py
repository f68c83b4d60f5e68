"""A small build on signals of int16 through the command line, and what every command makes of its files."""

import csv
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edge_nas.cli.main import run
from edge_nas.core.samples import SampleFormat
from edge_nas.data.loader import load_dataset
from edge_nas.deployment.preprocess import codes_of
from edge_nas.runs.folder import read_config
from edge_nas.runtimes.litert import LitertRuntime
from edge_nas.tasks.card import sample_of_file

pytestmark = pytest.mark.slow

SMALL = [
    *("data.motion.train_samples=48", "data.motion.val_samples=24", "data.motion.test_samples=24"),
    *("model.arguments.widths=[8,8]", "train.epochs=1", "prune.fine_tune.epochs=1", "quantize.fit.epochs=1"),
    *("quantize.max_drop=1.0", "gates.trivial=false", "benchmark.runs=3", "benchmark.warmup=1"),
    *("verify.inputs=10", "verify.slow_inputs=2", "verify.cores=[]", "deploy.board=host"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signals") / "motion"
    assert run(["build", "motion_128x3", *SMALL, "--run", str(folder), "--quiet"]) == 0
    return folder


@pytest.fixture
def windows(built: Path, tmp_path: Path) -> Path:
    """The test split as a file."""
    test = load_dataset(read_config(built).data, "classification").test
    assert test is not None
    np.savez(tmp_path / "test.npz", samples=test.images, labels=test.labels)
    return tmp_path / "test.npz"


def test_the_card_says_what_samples_are_and_evaluate_goes_by_it(
    built: Path, windows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = sample_of_file(built / "artifacts/model.tflite")
    assert sample is not None
    assert (sample.shape, sample.dtype) == ((128, 3), "int16")
    assert run(["evaluate", str(built / "artifacts/model.tflite"), "--data", str(windows), "--json"]) == 0
    evaluated = json.loads(capsys.readouterr().out)["evaluation"]["metrics"]
    result = json.loads((built / "result.json").read_text())
    assert evaluated == result["evaluation"]["int8"]


def test_predict_writes_a_row_for_each_window_and_refuses_pictures(
    built: Path, windows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(built / "artifacts/model.tflite")
    assert run(["predict", model, str(windows), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    rows = list(csv.DictReader((tmp_path / "out/predictions.csv").open()))
    assert [row["sample"] for row in rows] == [f"{number:05d}" for number in range(24)]
    assert set(rows[0]) == {"sample", "class", "confidence"}
    (tmp_path / "a.png").write_bytes(b"")
    assert run(["predict", model, str(tmp_path / "a.png"), "--out", str(tmp_path / "out")]) == 3
    assert "the network takes samples of shape (128, 3), which image files are not" in capsys.readouterr().err
    np.savez(tmp_path / "float.npz", samples=np.zeros((2, 128, 3), np.float32))
    assert run(["predict", model, str(tmp_path / "float.npz"), "--out", str(tmp_path / "other")]) == 3
    assert "samples are float32, but the network was built for int16 ones" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed: apt-get install gcc libc6-dev")
def test_the_bundles_function_gives_the_codes_that_the_file_is_evaluated_on(
    built: Path, windows: Path, tmp_path: Path
) -> None:
    samples = np.load(windows)["samples"]
    sample = sample_of_file(built / "artifacts/model.tflite") or SampleFormat(shape=())
    runtime = LitertRuntime((built / "artifacts/model.tflite").read_bytes(), reference=True)
    expected = runtime.quantize_input(sample.preprocessing.apply(samples))
    np.testing.assert_array_equal(codes_of(sample, runtime.input_spec, samples), expected)
    count = samples.size
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "edge_preprocess.h"\n'
        f"static int16_t values[{count}];\nstatic int8_t codes[{count}];\n"
        f"int main(void) {{\n  if (fread(values, 2, {count}, stdin) != {count}) return 1;\n"
        f"  edge_preprocess(values, codes, {count});\n  return fwrite(codes, 1, {count}, stdout) != {count};\n}}\n"
    )
    source = next(built.rglob("edge_preprocess.c"))
    command = ["gcc", "-std=c99", f"-I{source.parent}", str(tmp_path / "main.c"), str(source)]
    subprocess.run([*command, "-o", str(tmp_path / "program")], check=True)
    done = subprocess.run([tmp_path / "program"], input=samples.tobytes(), capture_output=True, check=True)
    np.testing.assert_array_equal(np.frombuffer(done.stdout, np.int8).reshape(samples.shape), expected)


def test_the_report_draws_signals(built: Path) -> None:
    page = (built / "report.html").read_text(encoding="utf-8")
    assert "input 128 \u00d7 3 int16" in page
    assert 'width="256" height="96"' in page
    assert "24 samples" in page


def test_models_and_runs_are_analyzed_and_quantized_on_their_windows(
    built: Path, windows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", str(built), "--images", "8"]) == 0
    assert "Conv1D" in capsys.readouterr().out
    out = tmp_path / "own.tflite"
    assert run(["quantize", str(built), "--data", str(windows), "--out", str(out), "--quiet"]) == 0
    assert LitertRuntime(out.read_bytes(), reference=True).input_spec.shape == (1, 128, 3)
