"""Hostile files under a tracer: nothing is written outside, nothing of others is started, nobody is spoken to.

Some of them in every run of the tests marked mcu, for which `make test-mcu` installs strace; all of them with
EDGE_NAS_CANARIES=all, which `make canaries` sets.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from canaries.__main__ import LIVE
from canaries.case import Case, Places
from canaries.corpus import CASES
from canaries.trace import STRACE, Finding, Rules, findings

WHOLE = os.environ.get("EDGE_NAS_CANARIES") == "all"
CHOSEN = tuple(case for case in CASES if WHOLE or case.reduced or case.name in LIVE)
TESTS = Path(__file__).parents[1]
MODULES = (
    "edge_nas.runtimes.tflmprocess",
    "edge_nas.runtimes.referenceprocess",
    "edge_nas.benchmarking.kerasprocess",
    "ethosu.vela",
)
"""What a Python of ours may run with -m."""
COMPILES = ("build", "verify", "deploy", "compile")
"""Commands that start compilers, what these made, and emulators."""
EMULATORS = ("qemu-system-arm", "qemu-system-riscv32")
PROGRAMS = ("gcc", "cc1", "as", "collect2", "ld", "lto-wrapper", "lto1", "addr2line", "nm", "size", *EMULATORS)
OF_LIBRARIES = ("uname", "fc-list")
"""Python's `platform` asks for the processor, matplotlib for the fonts."""

pytestmark = [
    pytest.mark.mcu,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: apt-get install strace"),
]


@pytest.fixture
def places() -> Iterator[Places]:
    with tempfile.TemporaryDirectory(prefix="canaries-") as name:
        made = Places(Path(name).resolve())
        made.make()
        yield made


def traced(places: Places, *arguments: str) -> "tuple[str, list[str]]":
    """Returns what `python -m canaries` printed under the tracer, and the tracer's log."""
    log = places.root / "log"
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, sys.path)]),
        "TMPDIR": str(places.temporary),
        "HOME": str(places.home),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ASAN_OPTIONS": "detect_leaks=0",  # which cannot be done under a tracer
    }
    environment.pop("XDG_CACHE_HOME", None)
    python = [sys.executable, "-P", "-m", "canaries", str(places.root), *arguments]
    command = [*STRACE, "-o", str(log), *python]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=places.root)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout, log.read_text(encoding="utf-8").splitlines()


def rules(places: Places) -> Rules:
    """Returns what the commands of the cases may do."""
    writable = {case.name: tuple(places.writable(case)) for case in CASES}
    commands = {f"{case.name}/{number}": command for case in CASES for number, command in enumerate(case.commands)}

    def may_write(mark: str, path: str) -> bool:
        if path in ("/dev/null", "/dev/tty") or re.fullmatch(r"/proc/\d+/task/\d+/comm", path):  # a thread's own name
            return True
        # Once for each machine matplotlib, which Keras 3 imports, makes a list of the fonts that there are.
        if any(Path(path).is_relative_to(places.home / folder) for folder in (".cache", ".config")):
            return path in (f"{places.home}/.cache", f"{places.home}/.config") or "/matplotlib" in path
        # Between two commands the driver notes what they said; before the first, libraries are imported.
        folders = writable.get(mark.removeprefix("live/").partition("/")[0], ()) if mark else (places.root,)
        return any(Path(path).is_relative_to(folder) for folder in folders)

    def may_start(mark: str, arguments: list[str]) -> bool:
        program, rest = Path(arguments[0]), arguments[1:]
        if str(program) == sys.executable:
            if rest[:2] == ["-P", "-m"]:
                return rest[2] in (*MODULES, "canaries")
            return rest[:1] == ["-I"] and Path(rest[1]).parts[-3:] == ("edge_nas", "models", "extraction.py")
        if program.name in OF_LIBRARIES:
            return program.is_absolute() and not program.is_relative_to(places.root)
        if not program.is_absolute() or commands.get(mark, ("",))[0] not in COMPILES:
            return False
        made = program.is_relative_to(places.temporary) and program.name == "host"
        system = not program.is_relative_to(places.root)
        name = program.name.removeprefix("arm-none-eabi-").removeprefix("riscv64-unknown-elf-")
        return made or (system and name in PROGRAMS)

    return Rules(may_write, may_start, places.bait)


def told(found: list[Finding]) -> str:
    return "\n".join(f"{finding.command or 'before'}: {finding.what}" for finding in found[:30])


def test_the_corpus_is_large_enough() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
    assert {case.kind for case in CHOSEN} >= {"keras", "npz", "tflite", "onnx", "config", "board", "data", "run"}


def test_the_tracer_notices_what_is_planted(places: Places) -> None:
    """What no command may do, done by hand: each is found, and nothing else is."""
    out, log = traced(places, "--controls")
    found, _ = findings(log, rules(places))
    noticed = {finding.command.removeprefix("control/") for finding in found}
    assert noticed == set(json.loads(out)), told(found)
    assert sum("program /bin/true" in finding.what for finding in found) == 2


def test_nothing_is_let_in(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    for case in CHOSEN:
        places.plant(case)
    before = {path: path.read_bytes() for path in sorted(places.bait.rglob("*")) if path.is_file()}
    out, log = traced(places, "--names", *(case.name for case in CHOSEN))
    ended = {mark: code for mark, (code, _) in json.loads(out).items()}
    if os.environ.get("EDGE_NAS_CANARIES_TIMES"):
        Path(os.environ["EDGE_NAS_CANARIES_TIMES"]).write_text(out)
    found, counts = findings(log, rules(places))
    live = {finding.command for finding in found if finding.command.startswith("live/")}
    assert live == {f"live/{name}" for name in LIVE}
    found = [finding for finding in found if finding.command not in live]
    wrong = [f"{mark} ended with {code}" for mark, code in ended.items() if code not in _allowed(mark)]
    kinds = ", ".join(f"{count} {kind}" for kind, count in Counter(case.kind for case in CHOSEN).items())
    with capsys.disabled():
        print(
            f"\ncanaries: {len(CHOSEN)} of {len(CASES)} hostile files ({kinds}), "
            f"{len(ended)} commands; {counts.get('write', 0)} writes, {counts.get('program', 0)} programs and "
            f"{counts.get('connection', 0)} sockets looked at, {len(found)} that should not have been"
        )
    assert not found, told(found)
    assert not wrong, "\n".join([*wrong, *_said(places, wrong)])
    now = {path: path.read_bytes() for path in sorted(places.bait.rglob("*")) if path.is_file()}
    now.pop(places.bait / "canary")  # which the live ones have left
    assert now == before
    assert len(ended) == sum(len(case.commands) for case in CHOSEN)


def _allowed(mark: str) -> frozenset[int]:
    by_name: dict[str, Case] = {case.name: case for case in CASES}
    return by_name[mark.partition("/")[0]].codes


def _said(places: Places, wrong: list[str]) -> Iterator[str]:
    for line in wrong[:10]:
        name, _, number = line.split(" ")[0].partition("/")
        yield f"--- {name}/{number}: " + (places.root / f"said-{name}-{number}").read_text(errors="replace")[-1500:]
