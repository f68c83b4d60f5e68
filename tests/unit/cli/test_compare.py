import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from edge_nas.cli.main import run
from edge_nas.results.schemas import shipped_schema


@pytest.fixture
def runs(make_run: Any) -> tuple[str, str]:
    return str(make_run("a")), str(make_run("b", sram_bytes=300_000, settings=("prune.ratio=0.25",)))


def test_the_table_fits_a_terminal(runs: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", *runs]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line[:14].strip(): line[14:] for line in lines}
    assert rows["test mIoU"].split()[:3] == ["0.870", "±", "0.012"]
    assert rows["SRAM"].split()[-4:] == ["+1400.0", "%,", "of", "256.0"] or "+1400.0 %, of 256.0 KiB" in rows["SRAM"]
    assert rows["settings"] == "prune.ratio 0.5 -> 0.25"
    assert "DOES NOT FIT" in rows["decision"]
    assert all(len(line) <= 80 for line in lines if not line.startswith(("A ", "B ", "decision")))


def test_a_broken_policy_is_4_and_says_all_in_json(
    runs: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("max_score_drop: 0.01\n")
    assert run(["compare", *runs, "--policy", str(policy)]) == 4
    said = capsys.readouterr()
    assert "policy        BROKEN  fits_board: has to fit nrf52840, seen: it does not fit" in said.out
    assert "breaks 1 of 2 rules" in said.err
    assert run(["compare", *runs, "--policy", str(policy), "--json"]) == 4
    data = json.loads(capsys.readouterr().out)
    jsonschema.validate(data, json.loads(shipped_schema("compare")))
    assert (data["status"], data["failure"]["exit_code"], len(data["policy"])) == ("gate", 4, 2)
    policy.write_text("fits_board: false\n")
    assert run(["compare", *runs, "--policy", str(policy)]) == 0
