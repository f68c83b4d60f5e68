"""Help as data: what a program needs to drive the tool without reading prose."""

import json
from typing import Any

import jsonschema
import pytest

from edge_nas.cli.described import EXIT_CODES, error_codes
from edge_nas.cli.main import run


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run([*arguments, "--help", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    data = said(capsys)
    assert {"build", "check", "compare", "config show", "doctor", "init", "inspect"} <= set(data["commands"])
    assert "train" not in data["commands"]  # a stage, of which the command is hidden
    parameters = {entry["name"]: entry for entry in data["commands"]["compare"]["parameters"]}
    assert parameters["a"]["kind"] == "argument"
    assert parameters["a"]["required"]
    assert parameters["policy"]["options"] == ["--policy"]
    assert all(entry["help"] for command in data["commands"].values() for entry in command["parameters"])


@pytest.mark.parametrize("command", ["compare", "doctor", "build", "check", "init"])
def test_one_command_has_the_schema_of_what_it_prints(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    data = said(capsys, command)
    assert data["command"] == command
    jsonschema.Draft202012Validator.check_schema(data["output_schema"])


def test_every_error_has_an_exit_code_with_a_meaning() -> None:
    assert set(error_codes()) <= set(EXIT_CODES)
    assert error_codes()[3] == ["InputError", "DataError", "ArtifactError", "GraphError", "DivergedError"]
