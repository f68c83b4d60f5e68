import os

import pytest

from edge_nas.core.chatter import quiet_library


def test_what_a_library_writes_is_gone(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_library():
        os.write(2, b"INFO: a delegate\n")
    os.write(2, b"mine\n")
    assert capfd.readouterr().err == "mine\n"


def test_it_is_shown_where_the_library_fails(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with quiet_library():
            os.write(2, b"ERROR: because\n")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert capfd.readouterr().err == "ERROR: because\n"
