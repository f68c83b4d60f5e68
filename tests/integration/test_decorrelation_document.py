"""docs/decorrelation.md is true: its snippets run, one after the other, and its commands exist."""

import re
from pathlib import Path

import pytest

from edge_nas.cli.main import run

DOCUMENT = Path(__file__).parents[2] / "docs/decorrelation.md"


def _snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


def test_the_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "document"}
    for number, snippet in enumerate(_snippets("python")):
        exec(compile(snippet, f"{DOCUMENT.name}, snippet {number}", "exec"), names)
    shown = capsys.readouterr().out
    assert "True\n" in shown  # the loaded network is the saved one
    assert "{'bottleneck': 0.1}" in shown
    assert len((tmp_path / "redundancy.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2 * 2


def test_the_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    commands = [line.split() for line in "".join(_snippets("sh")).splitlines()]
    assert len(commands) == 3
    assert {command[1] for command in commands} == {"analyze"}
    assert run(["analyze", "--help"]) == 0
    told = capsys.readouterr().out
    assert {word for command in commands for word in command if word.startswith("--")} <= set(
        re.findall(r"--\w+", told)
    )
