"""Every end of a command: its exit code, one message, JSON where asked for."""

import json
import re
import signal
import subprocess
import sys
import time
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from edge_nas import __version__, errors, pipeline
from edge_nas.cli import main
from edge_nas.cli.main import run
from edge_nas.results.result import Result

ENDS = [
    (errors.EdgeNasError("a"), 1),
    (errors.ConfigError("b"), 2),
    (errors.InputError("c"), 3),
    (errors.DataError("d"), 3),
    (errors.ArtifactError("e"), 3),
    (errors.GraphError("f"), 3),
    (errors.DivergedError("l"), 3),
    (errors.GateError("g"), 4),
    (errors.LockedError("h"), 5),
    (errors.ResourceError("i"), 6),
    (errors.UnsafeError("j"), 7),
    (errors.UntrustedCodeError("k"), 7),
]


def _fail(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def build(*_: Any, **__: Any) -> Result:
        raise error

    monkeypatch.setattr(pipeline, "build", build)


@pytest.mark.smoke
@pytest.mark.parametrize(("error", "code"), ENDS, ids=[type(error).__name__ for error, _ in ENDS])
def test_exit_codes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    _fail(monkeypatch, error)
    assert run(["build"]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    advice = "to run it: edge-nas build --trust-config\n" if isinstance(error, errors.UntrustedCodeError) else ""
    assert captured.err == f"edge-nas: {error}\n{advice}"
    assert run(["build", "--json"]) == code
    data = json.loads(capsys.readouterr().out)
    assert data["status"] == ("gate" if code == 4 else "failed")
    assert data["failure"] == {"stage": None, "error": type(error).__name__, "message": str(error), "exit_code": code}


def test_every_error_is_in_the_table() -> None:
    kinds = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)}
    kinds -= {errors.ModelWarning}  # which ends no command
    assert kinds == {type(error) for error, _ in ENDS}


def test_a_warning_of_ours_is_one_line_and_others_are_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def warn(**_settings: Any) -> None:
        warnings.warn("left out: random_flip", errors.ModelWarning, stacklevel=1)
        warnings.warn("of a library", UserWarning, stacklevel=1)

    monkeypatch.setattr(main, "app", warn)
    monkeypatch.setattr(sys, "warnoptions", [])
    assert run(["build"]) == 0
    assert capsys.readouterr().err == "edge-nas: warning: left out: random_flip\n"


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _fail(monkeypatch, KeyboardInterrupt())
    assert run(["build", "--json"]) == 130
    captured = capsys.readouterr()
    assert captured.err == "edge-nas: interrupted; the same command goes on from the last finished stage\n"
    assert json.loads(captured.out)["failure"]["error"] == "Interrupted"


def test_no_memory_is_a_resource(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _fail(monkeypatch, MemoryError())
    assert run(["build"]) == 6
    assert capsys.readouterr().err.startswith("edge-nas: out of memory")


def test_a_bug_says_that_it_is_one_and_where_the_traceback_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _fail(monkeypatch, KeyError("x"))
    assert run(["build", "--json"]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("edge-nas: internal error, a bug in edge-nas: KeyError: 'x'\n")
    assert "Traceback" not in captured.err
    named = re.search(r"The traceback is in (\S+);", captured.err)
    assert named is not None
    file = Path(named[1])
    try:
        assert "Traceback (most recent call last)" in file.read_text()
    finally:
        file.unlink()
    assert json.loads(captured.out)["failure"]["exit_code"] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["bild"],
        ["build", "--no-such-option"],
        ["train"],
        ["evaluate", "x.tflite"],
        ["predict"],
        [],
    ],
)
def test_usage_errors_are_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err or captured.out
    assert "Traceback" not in captured.err


def test_a_usage_error_with_json_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["build", "--json", "--no-such-option"]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["failure"]["error"] == "UsageError"
    assert "--no-such-option" in captured.err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"edge-nas {__version__}\n"


COMMANDS_HELP = [command.name or "" for command in main.app.registered_commands]


@pytest.mark.parametrize("command", COMMANDS_HELP)
def test_help_is_broken_by_the_terminal_alone(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = 80
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run([command, "--help"]) == 0
    prose = capsys.readouterr().out.split("╭")[0]
    for paragraph in re.split(r"\n *\n", prose.rstrip()):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
        # A line ends where the next word has no room, one column being left free on each side.
        assert all(len(line) + 1 + len(after.split()[0]) > columns - 2 for line, after in pairwise(lines)), paragraph


PROBE = """
import sys, time
from edge_nas.cli.main import run
code = run(sys.argv[1:])
# Help on settings needs them; a list of commands does not.
settings = () if len(sys.argv) > 2 else ("pydantic",)
heavy = {"tensorflow", "tf_keras", "keras", "onnx", "matplotlib", "numpy", *settings} & set(sys.modules)
print("code", code, "heavy", sorted(heavy), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["build", "--help"], ["evaluate", "--help"]])
def test_help_loads_nothing_heavy_and_is_quick(arguments: list[str]) -> None:
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True)
    # Half a second is the aim on an idle machine; this one may be busy.
    assert time.monotonic() - start < 5.0
    assert done.stderr == "code 0 heavy []\n"


def test_showing_a_configuration_loads_no_tensorflow() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE, "config", "show"], capture_output=True, text=True, check=True)
    assert "tensorflow" not in done.stderr
    assert "code 0" in done.stderr


SLEEPER = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs start with it ignored
from edge_nas import pipeline
from edge_nas.cli.main import main
from edge_nas.results.train import TrainOutput
from edge_nas.stages.contract import Stage

def sleep(context):
    (context.folder / "half").write_text("half")
    print("at work", flush=True)
    time.sleep(60)

class Data:
    sha256 = "d"

table = (Stage("train", 1, sleep, TrainOutput, ("seed",), ()),)
line = pipeline.Pipeline(table, lambda spec, task: Data)
pipeline.build = lambda config, run, **options: line.build(config, run, **options)
main(["build", "--quiet", "--run", sys.argv[1]])
"""


def test_ctrl_c_ends_a_build_at_once_and_leaves_a_run(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER, str(tmp_path / "x")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as build:
        assert build.stdout is not None
        assert build.stderr is not None
        assert build.stdout.readline() == "at work\n"
        start = time.monotonic()
        build.send_signal(signal.SIGINT)
        assert build.wait(timeout=30) == 130
        assert time.monotonic() - start < 5.0
        assert build.stderr.read() == "edge-nas: interrupted; the same command goes on from the last finished stage\n"
    assert json.loads((tmp_path / "x" / "result.json").read_text())["failure"]["exit_code"] == 130
    assert not list((tmp_path / "x").glob(".01_train*"))


@pytest.mark.parametrize("command", [["boards"], ["config", "show", "--resolved"], ["boards", "--json"], ["--version"]])
def test_a_full_standard_output_is_a_resource_error(command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        arguments = [sys.executable, "-m", "edge_nas", *command]
        ended = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 6, ended.stderr
    assert "edge-nas: standard output cannot be written: No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr


def test_a_full_standard_error_ends_as_well() -> None:
    with Path("/dev/full").open("w") as full:
        arguments = [sys.executable, "-m", "edge_nas", "build", "no.yaml"]
        assert subprocess.run(arguments, stderr=full, check=False).returncode == 3
