import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from folders import contents

from edge_nas.cli.main import run
from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.core.config import BuildConfig
from edge_nas.results.result import assemble
from edge_nas.runs.folder import open_run
from edge_nas.runs.manifest import describe


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without compilers and emulators."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("bare")
def test_a_file_is_verified_with_what_there_is(tiny_models: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(["verify", str(tiny_models.int8_tflite), "--inputs", "6", "--slow-inputs", "5", "--core-inputs", "5"]) == 0
    )
    text = capsys.readouterr().out
    assert text.startswith("compared with TFLite's reference kernels in ai-edge-litert ")
    assert "numpy interpreter: equal on 5 frames" in text
    assert "cortex-m0plus: skipped, arm-none-eabi-gcc and qemu-system-arm is missing" in text
    assert (
        run(
            [
                "verify",
                str(tiny_models.int8_tflite),
                "--inputs",
                "6",
                "--slow-inputs",
                "5",
                "--core-inputs",
                "5",
                "--json",
            ]
        )
        == 0
    )
    data = json.loads(capsys.readouterr().out)
    assert data["status"] == "ok"
    assert data["cores"]["cortex-m4"]["bytes_equal"] is None


@pytest.mark.usefixtures("bare")
def test_a_named_core_without_its_tools_is_6(tiny_models: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(tiny_models.int8_tflite), "--cores", "cortex-m4"]) == 6
    assert "apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none.tflite"], 3, "no such file"),
        (["."], 2, "is not a run"),
        (["{model}", "--cores", "m4"], 2, "unknown core 'm4'"),
        (["{model}", "--cores", ","], 2, "name cores with commas between"),
        (["{model}", "--optimize", "flash"], 2, "--optimize is 'flash'; it is one of: speed, size"),
    ],
)
def test_mistakes(
    arguments: list[str], code: int, message: str, tiny_models: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", *(text.format(model=tiny_models.int8_tflite) for text in arguments)]) == code
    assert message in capsys.readouterr().err


@pytest.fixture
def run_folder(tiny_models: Any, sample_outputs: Any, tmp_path: Path) -> Path:
    """A run with an int8 file and the C made of it."""
    path = tmp_path / "run"
    with open_run(path) as run:
        shutil.copy(tiny_models.int8_tflite, run.begin("05_export") / "model.tflite")
        exported = sample_outputs.export
        published = {"model.tflite": "artifacts/model.tflite"}
        known: dict[str, Any] = {"key": "k", "seconds": 1.0, "versions": {}}
        finished = run.finish("05_export", exported, stage="export", published=published, **known)
        compiled = compile_tflite(tiny_models.int8_tflite)
        write_compiled(compiled, run.begin("06_compile"))
        run.finish("06_compile", compiled, stage="compile", published={}, **known)
        stages = {"export": "k", "compile": "k"}
        run.write_config(BuildConfig())
        run.write_manifest(describe(BuildConfig(), dataset_sha256=None, stages=stages, artifacts=finished.artifacts))
        run.write_result(assemble(None, (exported, compiled), {"export": 1.0, "compile": 1.0}))
    return path


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("spelling", [["{run}"], ["--run", "{run}"]])
def test_a_run_is_hashed_and_verified_and_stays_as_it_is(
    spelling: list[str], run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(run_folder)
    named = [word.format(run=run_folder) for word in spelling]
    assert run(["verify", *named, "--inputs", "6", "--slow-inputs", "5", "--core-inputs", "5"]) == 0
    assert f"6 files of {run_folder} are what was written" in capsys.readouterr().out
    assert contents(run_folder) == before


@pytest.mark.usefixtures("bare")
def test_a_file_that_is_another_one_now_is_4(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run_folder / "06_compile/edge_model.c").write_text("int edge;\n")
    assert run(["verify", str(run_folder)]) == 4
    assert "06_compile/edge_model.c (sha256 " in capsys.readouterr().err


def test_the_c_of_a_run_is_not_made_for_something_else(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(run_folder), "--optimize", "size"]) == 2
    assert "--optimize goes with MODEL.tflite" in capsys.readouterr().err


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("spelling", [["{run}"], ["--run", "{run}"]])
def test_a_run_is_deployed_elsewhere_and_stays_as_it_is(
    spelling: list[str], run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(run_folder)
    named = [word.format(run=run_folder) for word in spelling]
    bundle = tmp_path / "bundle"
    assert run(["deploy", *named, "--board", "esp32s3", "--out", str(bundle), "--quiet"]) == 0
    assert (bundle / "src/edge_model.c").read_text() == (run_folder / "06_compile/edge_model.c").read_text()
    assert "xtensa-lx7 is not emulated" in (bundle / "README.md").read_text()
    assert capsys.readouterr().out == ""
    assert contents(run_folder) == before


@pytest.mark.parametrize("spelling", [["{run}"], ["--run", "{run}"]])
def test_the_c_of_a_run_is_written_elsewhere_and_the_run_stays_as_it_is(
    spelling: list[str], run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(run_folder)
    command = ["compile", *(word.format(run=run_folder) for word in spelling), "--out", str(tmp_path / "c")]
    assert run(command) == 0
    for name in ("edge_model.c", "edge_model.h", "edge_intrinsics.h"):
        assert (tmp_path / "c" / name).read_bytes() == (run_folder / "06_compile" / name).read_bytes()
    assert contents(run_folder) == before
    assert run([*command, "--optimize", "size"]) == 2
    assert "--optimize goes with MODEL.tflite" in capsys.readouterr().err
    (run_folder / "artifacts/model.tflite").write_bytes(b"another")
    assert run(command) == 4
    assert "artifacts/model.tflite (sha256 " in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["verify", "{run}"],
        ["verify", "--run", "{run}", "--inputs", "5"],
        ["deploy", "{run}", "--board", "esp32s3", "--out", "{run}/c"],
        ["deploy", "--run", "{run}", "--board", "esp32s3", "--out", "{run}/c"],
        ["compile", "--run", "{run}", "--out", "{run}/c"],
        ["compile", "{run}", "--out", "{run}/c"],
        ["analyze", "{run}"],
        ["quantize", "{run}", "--out", "{run}/c.tflite"],
    ],
)
def test_a_run_that_is_being_built_is_5(
    command: list[str], run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run_folder / "config.yaml").write_text("schema_version: 1\n")
    with open_run(run_folder):
        assert run([word.format(run=run_folder) for word in command]) == 5
    assert f"{run_folder} is being built by another process (pid " in capsys.readouterr().err
    assert not (run_folder / "c").exists()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["verify"], "name one RUN or MODEL.tflite, or a run with --run RUN; seen: none"),
        (["verify", "{run}", "--run", "{run}"], "name one RUN or MODEL.tflite, or a run with --run RUN; seen: {run}"),
        (["verify", "{run}", "verify.inputs=7"], "build --run RUN --from verify --until verify KEY=VALUE"),
        (["compile", "{run}"], "name the folder for the C files with --out DIR"),
        (["deploy", "{run}", "--board", "esp32s3"], "name the bundle's folder with --out DIR"),
        (["deploy", "{run}", "--out", "x"], "name the board with --board NAME"),
        (["verify", "--run", "{run}", "--optimize", "size"], "--from compile compile.optimize=size makes it anew"),
    ],
)
def test_what_is_missing_or_does_not_go_together(
    command: list[str], message: str, run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([word.format(run=run_folder) for word in command]) == 2
    assert message.format(run=run_folder) in capsys.readouterr().err


@pytest.mark.mcu
def test_the_profile_names_the_functions(tiny_models: Any, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["verify", str(tiny_models.int8_tflite), "--cores", "cortex-m4", "--profile", "--json"]
    assert run([*command, "--inputs", "2", "--core-inputs", "2"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["cores"]["cortex-m4"]["bytes_equal"] is True
    counts = data["profiles"]["cortex-m4"]
    # How many instructions a frame takes depends on it a little.
    core = data["cores"]["cortex-m4"]
    assert core["instructions_min"] <= sum(counts.values()) <= core["instructions"]
    steps = sum(step["instructions"] for step in core["steps"])
    # Each step is a function; what `edge_model_run` executes itself are the loops around them.
    total = sum(counts.values())
    assert total - counts["edge_model_run"] - counts.get("memset", 0) <= steps < total
    assert run([*command[:-1], "--inputs", "2", "--core-inputs", "2"]) == 0
    text = capsys.readouterr().out
    assert "instructions by step" in text
    assert "instructions by function" in text
    assert "edge_model_run" in counts
