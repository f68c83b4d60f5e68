import os
import sys
import time
from pathlib import Path

import pytest

from edge_nas.emulation.process import TimeLimitError, run
from edge_nas.errors import ResourceError


def test_what_a_program_wrote_and_how_it_ended(tmp_path: Path) -> None:
    script = (
        "import os, sys; print(sys.stdin.read(), os.getcwd(), os.environ['X']); sys.stderr.write('oh'); sys.exit(7)"
    )
    finished = run([sys.executable, "-c", script], limit_s=20, folder=tmp_path, stdin=b"in", X="y")
    assert finished.code == 7
    assert finished.stdout.decode() == f"in {tmp_path.resolve()} y\n"
    assert finished.complaint == "oh"


def test_a_program_over_its_time_is_killed_with_its_children(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); open('pid', 'w').write(str(p.pid)); p.wait()"
    )
    start = time.monotonic()
    with pytest.raises(TimeLimitError, match=r"did not end within 1 s and was killed"):
        run([sys.executable, "-c", script], limit_s=1, folder=tmp_path)
    assert time.monotonic() - start < 20
    child = int((tmp_path / "pid").read_text())
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        # Killed children of a killed parent stay zombies until the first process of the system takes them.
        if Path(f"/proc/{child}/stat").read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the child lives on")


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(ResourceError, match="no-such-program cannot be started: No such file"):
        run(["no-such-program"], limit_s=1)
