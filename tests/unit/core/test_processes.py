import os
import sys
import time
from pathlib import Path

import pytest

import edge_nas
from edge_nas.core.processes import TimeLimitError, child_environment, python_module, run
from edge_nas.emulation.tools import HOST_GCC
from edge_nas.errors import ResourceError


def test_what_a_program_wrote_and_how_it_ended(tmp_path: Path) -> None:
    script = (
        "import os, sys; print(sys.stdin.read(), os.getcwd(), os.environ['X']); sys.stderr.write('oh'); sys.exit(7)"
    )
    finished = run(
        [sys.executable, "-c", script], limit_s=20, folder=tmp_path, stdin=b"in", environment=child_environment(X="y")
    )
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


def test_a_module_is_not_taken_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bisect", "json", "struct", "edge_nas"):
        (tmp_path / f"{name}.py").write_text(f"open('{name}.ran', 'w')\nraise SystemExit(9)\n")
    # An empty or relative entry of the search path would mean the current folder.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", os.environ.get("PYTHONPATH", "")]))
    monkeypatch.chdir(tmp_path)
    finished = run(python_module("edge_nas.core.versions"), limit_s=60)
    assert finished.code == 0, finished.complaint
    assert not list(tmp_path.glob("*.ran"))


def test_relative_entries_of_the_search_path_become_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["lib", "", "/elsewhere"]))
    assert child_environment(LC_ALL="de_DE")["PYTHONPATH"] == os.pathsep.join([str(tmp_path / "lib"), "/elsewhere"])
    monkeypatch.setenv("PYTHONPATH", "")
    assert "PYTHONPATH" not in child_environment()


def test_programs_are_not_taken_from_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "gcc").write_text("#!/bin/sh\ntouch canary\n")
    (tmp_path / "gcc").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    for entry in (".", "", "sub/.."):
        monkeypatch.setenv("PATH", f"{entry}{os.pathsep}/usr/bin")
        assert HOST_GCC.path in (None, Path("/usr/bin/gcc"))
        assert child_environment()["PATH"] == "/usr/bin"
    monkeypatch.setenv("PATH", ".")
    assert HOST_GCC.path is None


def test_python_children_are_started_in_one_place() -> None:
    """What a program starts is looked at here, so every start goes through `processes`."""
    package = Path(edge_nas.__file__).parent
    # Processes that answer while they live: one for latencies, and those in which trials of a search run.
    searching = {"search/executors.py", "search/worker.py"}
    allowed = {"core/processes.py", "benchmarking/kerasprocess.py", *searching}
    for path in package.rglob("*.py"):
        name = path.relative_to(package).as_posix()
        text = path.read_text(encoding="utf-8")
        if name not in allowed:
            assert "import subprocess" not in text, name
            assert "import multiprocessing" not in text, name
            assert "os.system" not in text.replace('"os.system', ""), name
        assert 'sys.executable, "-m"' not in text, name


def test_a_slow_reader_gets_all_of_a_large_input() -> None:
    script = "import sys, time; time.sleep(1.5); print(len(sys.stdin.buffer.read()))"
    finished = run([sys.executable, "-c", script], limit_s=30, stdin=bytes(3_000_000))
    assert finished.stdout == b"3000000\n"
