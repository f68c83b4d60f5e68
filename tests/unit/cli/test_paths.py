"""A path that is not there is exit code 3, whatever argument of whatever command names it."""

from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from edge_nas.cli.main import app, run

FEW = [f"data.terrain.{split}_images=1" for split in ("train", "val", "test")]

CASES: dict[tuple[str, str], list[list[str]]] = {
    ("build", "settings"): [
        ["build", "nothere.yaml"],
        ["build", "nothere/here.yaml"],
        ["build", "data.source=folder", "data.root=nothere"],
        ["build", "data.source=npz", "data.root=nothere", "task=regression"],
        ["build", "data.source=classes", "data.root=nothere", "task=classification"],
        ["build", "data.terrain.train_images=1", "model=nothere.keras"],
        ["build", "data.terrain.train_images=1", "model=runs/nothere"],
        ["build", "data.terrain.train_images=1", "train.teacher=nothere.npz"],
        ["build", "deploy.board=nothere.yaml"],
    ],
    ("build", "run"): [["build", "--run", "nothere", "--from", "prune"]],
    ("build", "from_search"): [["build", "--from-search", "nothere/1"]],
    ("search", "settings"): [
        ["search", "nothere.yaml", "--board", "nrf52840"],
        ["search", "data.source=folder", "data.root=nothere", "--board", "nrf52840"],
    ],
    ("search", "board"): [["search", "--board", "nothere.yaml", *FEW]],
    ("search", "run"): [["search", "--board", "nrf52840", "--run", "nothere"]],
    ("check", "settings"): [
        ["check", "nothere.yaml"],
        ["check", "data.source=folder", "data.root=nothere"],
        ["check", "model=nothere.keras"],
        ["check", "deploy.board=nothere.yaml"],
    ],
    ("check", "run"): [["check", "--run", "nothere"]],
    ("config show", "settings"): [["config", "show", "nothere.yaml"]],
    ("config show", "run"): [["config", "show", "--run", "nothere"]],
    ("analyze", "arguments"): [
        ["analyze", "nothere"],
        ["analyze", "nothere", "--data", "images"],
        ["analyze", "nothere.npz", "--data", "images"],
        ["analyze", "nothere.keras", "--data", "images"],
        ["analyze", "runs/nothere", "--data", "images"],
    ],
    ("analyze", "run"): [["analyze", "--run", "nothere"], ["analyze", "--run", "nothere", "--data", "images"]],
    ("analyze", "data"): [
        ["analyze", "own_nets:net", "--data", "nothere"],
        ["analyze", "own_nets:net", "--data", "nothere.npz"],
    ],
    ("quantize", "arguments"): [
        ["quantize", "nothere", "--out", "x.tflite"],
        ["quantize", "nothere.h5", "--data", "images", "--out", "x.tflite"],
    ],
    ("quantize", "run"): [["quantize", "--run", "nothere", "--out", "x.tflite"]],
    ("quantize", "data"): [["quantize", "own_nets:net", "--data", "nothere", "--out", "x.tflite"]],
    ("evaluate", "artifact"): [
        ["evaluate", "nothere.tflite", "--data", "images"],
        ["evaluate", "nothere", "--data", "images"],
    ],
    ("evaluate", "data"): [
        ["evaluate", "{tflite}", "--data", "nothere"],
        ["evaluate", "{tflite}", "--data", "nothere.npz"],
    ],
    ("predict", "artifact"): [["predict", "nothere.onnx", "images", "--out", "x"]],
    ("predict", "images"): [
        ["predict", "{tflite}", "nothere", "--out", "x"],
        ["predict", "{tflite}", "nothere.png", "--out", "x"],
    ],
    ("compile", "arguments"): [["compile", "nothere", "--out", "x"], ["compile", "nothere.tflite", "--out", "x"]],
    ("compile", "run"): [["compile", "--run", "nothere", "--out", "x"]],
    ("inspect", "file"): [["inspect", "nothere.tflite"], ["inspect", "nothere"]],
    ("verify", "arguments"): [["verify", "nothere"], ["verify", "nothere.tflite"]],
    ("verify", "run"): [["verify", "--run", "nothere"]],
    ("deploy", "arguments"): [
        ["deploy", "nothere", "--board", "host", "--out", "x"],
        ["deploy", "nothere.tflite", "--board", "host", "--out", "x"],
    ],
    ("deploy", "run"): [["deploy", "--run", "nothere", "--board", "host", "--out", "x"]],
    ("deploy", "board"): [["deploy", "{tflite}", "--board", "nothere.yaml", "--out", "x"]],
    ("boards", "name"): [["boards", "nothere.yaml"]],
    ("compare", "a"): [["compare", "nothere", "nothere"], ["compare", "runs/nothere", "images"]],
    ("compare", "b"): [["compare", "{tflite}", "nothere"], ["compare", "{tflite}", "nothere.tflite"]],
    ("compare", "policy"): [["compare", "{tflite}", "{tflite}", "--policy", "nothere.yaml"]],
    ("init", "data"): [["init", "mine", "--data", "nothere"]],
}

NO_PATHS = {
    "activations", "bias_correction", "board", "check", "classes", "core_inputs", "cores", "custom_objects",
    "executor", "flash_bytes", "fresh", "from_stage", "help", "images", "inputs", "install_completion",
    "instructions", "json", "latency_ms", "optimize", "overwrite", "plots", "prefix", "profile", "project", "quiet",
    "ram_bytes", "resolved", "rounding", "show_completion", "signature", "size", "slow_inputs", "task", "time",
    "trust", "trust_config", "until_stage", "verbose", "version", "width_error",
}  # fmt: skip
WRITTEN = {"out", "svg"}


def _arguments(command: Any, name: str) -> set[tuple[str, str]]:
    if hasattr(command, "commands"):
        inner = [_arguments(command.commands[key], f"{name} {key}".strip()) for key in command.commands]
        return set().union(*inner)
    return {(name, str(parameter.name)) for parameter in command.params}


def test_every_argument_is_accounted_for() -> None:
    arguments = _arguments(get_command(app), "")
    assert {argument for argument in arguments if argument[1] not in NO_PATHS | WRITTEN} <= set(CASES)
    assert set(CASES) <= arguments


@pytest.mark.parametrize("words", [words for cases in CASES.values() for words in cases], ids=" ".join)
def test_a_path_that_is_not_there_is_3(
    words: list[str], place: Path, tiny_models: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([word.format(tflite=tiny_models.int8_tflite) for word in words]) == 3
    error = capsys.readouterr().err
    assert "nothere" in error
    assert not (place / "nothere").exists()
    assert not (place / "x").exists()
