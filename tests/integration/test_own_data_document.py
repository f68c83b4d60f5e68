"""docs/own-data.md is true: its snippets run, its commands name settings and data that there are."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from edge_nas.cli.main import run
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.data.loader import load_dataset
from edge_nas.models import create_model
from edge_nas.tasks import TASKS

DOCUMENT = Path(__file__).parents[2] / "docs/own-data.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")


def _commands() -> list[list[str]]:
    shown = "".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)).replace("\\\n", " ")
    return [shlex.split(line) for line in shown.splitlines()]


def _builds() -> list[BuildConfig]:
    return [load_config(None, command[2:]) for command in _commands() if command[1] == "build"]


def test_every_task_and_source_is_told() -> None:
    assert all(f"`{name}`" in TEXT for name in TASKS)
    builds = _builds()
    assert {config.task for config in builds} == set(TASKS)
    assert {config.data.source for config in builds} == {"folder", "classes", "npz", "function"}


def test_the_python_makes_data_and_networks_of_the_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "document"}
    for number, snippet in enumerate(re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)):
        exec(compile(snippet, f"{DOCUMENT.name}, snippet {number}", "exec"), names)
    made = [config for config in _builds() if config.data.source in ("npz", "function")]
    assert len(made) == 3
    for config in made:
        task = load_dataset(config.data, config.task).task
        assert task.name == config.task
        network = create_model(config.model, task)
        samples = np.zeros((1, *config.data.input_shape), np.float32)
        assert network(samples).shape[1:] == task.output_shape(config.data.input_shape)


def test_the_other_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    for command in _commands():
        assert run([command[1], "--help"]) == 0
        told = capsys.readouterr().out
        assert {word for word in command if word.startswith("--")} <= set(re.findall(r"--[\w-]+", told))
