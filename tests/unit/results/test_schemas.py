"""Every command that answers has a shipped schema, which takes its answer and its failure."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from edge_nas.cli.main import run
from edge_nas.results.schemas import ANSWERS, schema_text, shipped_schema

FAILS: dict[str, list[str]] = {
    "check": ["check", "model=nope"],
    "compare": ["compare", "nothere", "nothere"],
    "doctor": ["doctor", "--nope"],
    "init": ["init", "9"],
    "inspect": ["inspect", "nothere"],
}


@pytest.mark.parametrize("command", ANSWERS)
def test_the_shipped_schema_is_current(command: str) -> None:
    assert shipped_schema(command) == schema_text(command), "run: python -m edge_nas.results.schemas"


@pytest.mark.parametrize("command", ANSWERS)
def test_a_failure_is_valid(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code = run([*FAILS[command], "--json"])
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(said, json.loads(shipped_schema(command)))
    assert said["failure"]["exit_code"] == code != 0


def test_an_answer_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["doctor"], ["init", "mine"]):
        assert run([*words, "--json"]) == 0
        jsonschema.validate(json.loads(capsys.readouterr().out), json.loads(shipped_schema(words[0])))
