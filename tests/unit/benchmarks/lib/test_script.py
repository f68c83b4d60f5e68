"""A script ends as the command does."""

import pytest

from benchmarks.lib.script import run_script
from edge_nas.errors import GateError


def test_an_error_ends_with_its_message_and_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> None:
        raise GateError("too slow")

    with pytest.raises(SystemExit) as ended:
        run_script(main)
    assert ended.value.code == 4
    assert capsys.readouterr() == ("", "too slow\n")


def test_a_fault_of_the_script_is_not_hidden() -> None:
    def main() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_script(main)
