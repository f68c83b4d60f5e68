"""What the documents show is true: commands exist, snippets run, fields are those of the types."""

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_nas.cli.described import description
from edge_nas.cli.main import app, run
from edge_nas.results.result import Result

ROOT = Path(__file__).parents[2]


def _snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(_snippets("python"))))
def test_the_readmes_python_runs(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(_snippets("python")[number], "README.md", "exec"), {})
    assert capsys.readouterr().out


def test_the_readmes_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    words = {
        word
        for line in "\n".join(_snippets("sh")).splitlines()
        if line.startswith("edge-nas ")
        for word in line.split()[1].split("|")
    }
    assert {"build", "analyze", "evaluate", "predict", "config"} <= words
    for word in words:
        assert run([word, "--help"]) == 0
    assert "Usage" in capsys.readouterr().out


def _commands() -> Iterator[list[str]]:
    """Yields the words of every command of ours that a page shows, without its comment."""
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if line.startswith("edge-nas "):
                    yield shlex.split(re.split(r"\s#\s", line)[0])[1:]


def test_every_command_of_a_page_has_its_options_and_settings(capsys: pytest.CaptureFixture[str]) -> None:
    commands = description(app, [])["commands"]
    shown = list(_commands())
    assert len(shown) > len(commands)
    for words in shown:
        name = words[0] if words[0] in commands else " ".join(words[:2])
        options = {option for parameter in commands[name]["parameters"] for option in parameter["options"]}
        assert {word.strip("[]") for word in words if word.lstrip("[").startswith("--")} <= options, words
        settings = [word for word in words if re.match(r"[a-z_.]+=", word)]
        assert run(["config", "show", *settings]) == 0, (words, capsys.readouterr().err)


def test_the_readmes_way_to_install_is_there() -> None:
    lines = "\n".join(_snippets("sh")).splitlines()
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {line.split()[1] for line in lines if line.startswith("make ")} <= set(targets)
    (command,) = (line for line in lines if line.startswith("pip install "))
    assert (ROOT / command.split()[3]).is_file()
    (extras,) = re.findall(r"\.\[([\w,]+)\]", command)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    assert "edge-nas" in project["scripts"]


def test_every_field_of_the_result_is_documented() -> None:
    text = (ROOT / "docs/result.md").read_text(encoding="utf-8")
    schema = Result.model_json_schema()
    fields = set(schema["properties"])
    for name in (
        "ResultEvaluation",
        "ResultCost",
        "Metrics",
        "CostSummary",
        "SegmentationMetrics",
        "ClassificationMetrics",
        "RegressionMetrics",
        "ParityReport",
        "AnswerParity",
        "BenchmarkReport",
        "CoreResult",
        "DeploymentResult",
        "ShippedFile",
    ):
        fields |= set(schema["$defs"][name]["properties"])
    assert [field for field in sorted(fields) if not re.search(rf"\b{field}\b", text)] == []


def _texts() -> Iterator[str]:
    """Yields every text of the package but docstrings, with a gap where an f-string puts a value in."""
    for path in (ROOT / "edge_nas").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
                yield node.value
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values)


def test_every_message_of_troubleshooting_is_one_of_ours() -> None:
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    messages = [message for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for message in row.split("`")[1::2]]
    assert len(messages) > 12
    said = "\n".join(_texts())
    for message in messages:
        words = message.split()
        runs = (" ".join(words[begin : begin + 3]) for begin in range(max(1, len(words) - 2)))
        assert any(run in said for run in runs), f"nothing says: {message}"
