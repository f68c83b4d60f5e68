from pathlib import Path

import pytest

from edge_nas.cli.main import run


def test_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "lanes"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "data      lanes_data: forty drawn pictures; 24 train, 8 val, 8 test"
    assert lines[-1] == "next      edge-nas check lanes.yaml"
    assert run(["init", "lanes"]) == 2
