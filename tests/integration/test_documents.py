"""What the documents show is true: commands exist, snippets run, fields are those of the types."""

import re
import tomllib
from pathlib import Path

import pytest

from edge_nas.cli.main import run
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
