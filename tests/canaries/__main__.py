"""Runs the commands of the planted cases in this one process, and prints the exit code and the seconds of each as JSON.

    strace ... python -P -m canaries ROOT --names NAME...      the cases must have been planted
    strace ... python -P -m canaries ROOT --controls           does, by hand, what no command may do

One process, since TensorFlow takes seconds to start; each command has a case's folder as its current folder, and looks
for a name that says so where the tracer sees it.
"""

import argparse
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from time import monotonic

from canaries.case import Places
from canaries.corpus import CASES
from canaries.trace import MARKS


@contextmanager
def marked(mark: str) -> Iterator[None]:
    """Tells the tracer that what follows belongs to a command."""
    _look_for(mark)
    try:
        yield
    finally:
        _look_for("end")


def _look_for(name: str) -> None:
    with suppress(FileNotFoundError):
        os.close(os.open(f"{MARKS}/{name}", os.O_RDONLY))


def run_cases(places: Places, names: list[str]) -> None:
    """Runs every command of the named cases."""
    from edge_nas.cli.main import run

    ended = {}
    os.environ["PATH"] = f".{os.pathsep}{os.environ['PATH']}"
    for case in CASES:
        if case.name not in names:
            continue
        os.chdir(places.of(case))
        for number, command in enumerate(case.commands):
            said = Path(f"{places.root}/said-{case.name}-{number}")
            with said.open("w") as file, redirect_stdout(file), redirect_stderr(file):
                begin = monotonic()
                with marked(f"{case.name}/{number}"):
                    code = run(list(command))
            ended[f"{case.name}/{number}"] = (code, monotonic() - begin)
    print(json.dumps(ended))


LIVE = {"keras-lambda-k2-h5": "--trust-model", "config-module-as-a-model": "--trust-config"}
"""Cases that do what they are made for where a flag lets them: it was possible, and the tracer would have seen it."""


def run_live(places: Places) -> None:
    """Runs the first command of each of `LIVE` with its flag."""
    from edge_nas.cli.main import run

    for case in CASES:
        if case.name in LIVE:
            os.chdir(places.of(case))
            with marked(f"live/{case.name}"), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                run([*case.commands[0], LIVE[case.name]])


def run_controls(places: Places) -> None:
    """Does each thing that the tracer is there for."""
    os.chdir(places.root / "cases")
    controls = {
        "open": lambda: Path("written").write_text("x"),
        "rename": lambda: Path("written").rename("renamed"),
        "link": lambda: os.link("renamed", "linked"),
        "symlink": lambda: Path("pointed").symlink_to("renamed"),
        "unlink": lambda: Path("renamed").unlink(),
        "mkdir": lambda: Path("folder").mkdir(),
        "bait": (places.bait / "secret.bin").read_bytes,
        "through a link": lambda: (places.temporary / "out" / "file").write_text("x"),
        "program": lambda: subprocess.run(["/bin/true"], check=True),
        "program of a child": lambda: subprocess.run(["/bin/sh", "-c", "/bin/true; true"], check=True),
        "python of another's": lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
        "connection": _connect,
    }
    (places.temporary / "out").symlink_to("../cases")
    for name, control in controls.items():
        with marked(f"control/{name}"):
            control()
    print(json.dumps(list(controls)))


def _connect() -> None:
    with socket.socket() as opened, suppress(OSError):
        opened.settimeout(1)
        opened.connect(("127.0.0.1", 9))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--names", nargs="*", default=[])
    parser.add_argument("--controls", action="store_true")
    options = parser.parse_args()
    if options.controls:
        run_controls(Places(options.root))
    else:
        run_cases(Places(options.root), options.names)
        run_live(Places(options.root))


if __name__ == "__main__":
    main()
