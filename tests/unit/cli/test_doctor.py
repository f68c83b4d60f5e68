import json
import subprocess
import sys
import time

import pytest

from edge_nas.cli.main import run

LIMIT_S = 2.0


def test_the_last_line_is_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("edge-nas ")
    assert lines[-1].split(maxsplit=1)[0] == "next"


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {component["name"] for component in said["components"]} >= {"base", "train", "C here", "Arm cores"}


def test_doctor_and_compare_load_no_tensorflow_and_are_quick() -> None:
    probe = (
        "import sys; from edge_nas.cli.main import run; run(['doctor']); "
        "run(['compare', 'none', 'none']); sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", probe], check=False, capture_output=True).returncode == 0
    begin = time.process_time()
    run(["doctor"])
    assert time.process_time() - begin < LIMIT_S
