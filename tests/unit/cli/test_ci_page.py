"""The worked example of docs/ci.md is what the command prints."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from edge_nas.cli.main import run

PAGE = Path(__file__).parents[3] / "docs/ci.md"
EXAMPLE = re.compile(r"(<!-- example: begin[^>]*-->\n\n```text\n)(.*?)(```\n\n<!-- example: end -->)", re.DOTALL)


def test_the_example_is_what_is_printed(
    make_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    make_run("before")
    changed = ("prune.ratio=0.0",)
    make_run("after", left_out=(0.864, 0.886, 0.872), instructions=9_800_000, sram_bytes=327_680, settings=changed)
    monkeypatch.chdir(tmp_path)
    (rules,) = re.findall(r"```yaml\n(max_sram_rise.*?)```", page, re.DOTALL)
    Path("policy.yaml").write_text(rules)
    assert run(["compare", "before", "after", "--policy", "policy.yaml"]) == 4
    said = capsys.readouterr()
    text = f"{said.out}{said.err}"
    if os.environ.get(
        "EDGE_NAS_WRITE_PAGES"
    ):  # puts it there: EDGE_NAS_WRITE_PAGES=1 pytest tests/unit/cli/test_ci_page.py
        PAGE.write_text(EXAMPLE.sub(lambda match: f"{match[1]}{text}{match[3]}", page), encoding="utf-8")
    (shown,) = (match[2] for match in EXAMPLE.finditer(PAGE.read_text(encoding="utf-8")))
    assert shown == text
