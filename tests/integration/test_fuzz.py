"""Mutants of every kind of file: each ends with an exit code and one line that names it, and compiled ones are exact.

500 in every run of the tests; EDGE_NAS_FUZZ names another number, which `make fuzz` sets to 10,000. Mutant 17 of a kind
is the same file in every run: python -P -m fuzz ROOT KIND 17 18 runs it alone.
"""

import json
import os
import selectors
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fuzz.subjects import KINDS, plant

# The C of mutants that compile needs gcc, for which `make test-mcu` cares.
pytestmark = [pytest.mark.mcu, pytest.mark.slow]

TESTS = Path(__file__).parents[1]
MUTANTS = int(os.environ.get("EDGE_NAS_FUZZ", "500"))
SHARES = {"tflite": 0.30, "onnx": 0.18, "npz": 0.18, "png": 0.14, "yaml": 0.14, "keras": 0.06}
"""Of the mutants. A Keras file is vetted in a process of its own, which takes half a second."""
LIMIT_S = 30.0
"""For one mutant; its process, which loads TensorFlow first, has longer to begin with."""
START_S = 120.0
ALLOWED = {0, 2, 3, 7}
NAMES = (
    *("net.", "set.npz", "image.png", "mine.yaml", "../set", "data.input_shape="),
    *("model.name: ", "train.teacher.name: ", "prune.criterion: ", "verify.cores: ", "verify.step_cores: "),
    "deploy.board: ",
)
"""What messages may name: the mutant, images that a network of another shape does not take, the key of a value."""
PEAK_BYTES = 2 * 1024**3
"""Of memory, over what the first mutant of a process took, libraries included."""


@dataclass
class Outcome:
    """How the mutants of a kind ended: `codes` and `c` count them, `faults` are what should not be."""

    codes: Counter[int] = field(default_factory=Counter)
    c: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def fuzz(kind: str, count: int, root: Path) -> Outcome:
    """Runs the first `count` mutants of a kind, in as many processes as it takes."""
    outcome, first = Outcome(), 0
    while first < count:
        first = run_from(kind, first, count, root, outcome)
    return outcome


def run_from(kind: str, first: int, count: int, root: Path, outcome: Outcome) -> int:
    """Runs mutants from `first` on until one ends the process or hangs; returns the number behind it."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, sys.path)]),
        "TMPDIR": str(root),
        "ASAN_OPTIONS": "detect_leaks=0",
    }
    command = [sys.executable, "-P", "-m", "fuzz", str(root), kind, str(first), str(count)]
    errors = root / f"errors-{kind}"
    number, phase, base, limit_s = first, "begin", None, START_S
    with (
        errors.open("w") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, env=environment) as worker,
    ):
        assert worker.stdout is not None
        lines = selectors.DefaultSelector()
        lines.register(worker.stdout, selectors.EVENT_READ)
        while True:
            if not lines.select(limit_s):
                worker.kill()
                outcome.faults.append(f"{kind} {number}: more than {limit_s:g} s in {phase}")
                return number + 1
            line = worker.stdout.readline()
            if not line:
                break
            event = json.loads(line)
            number, phase = event["number"], event["phase"]
            if phase == "end":
                base = event["peak"] if base is None else base
                take(kind, event, base, outcome)
                limit_s = LIMIT_S
    if phase != "end":
        outcome.faults.append(f"{kind} {number}: the process ended with {worker.returncode} in {phase}: {tail(errors)}")
    return number + 1


def take(kind: str, event: dict[str, Any], base: int, outcome: Outcome) -> None:
    """Counts how a mutant ended, and looks for what should not be."""
    number, code, said = event["number"], event["code"], event["said"]
    outcome.codes[code] += 1
    told = [line for line in said.splitlines() if line.startswith("edge-nas: ")]
    if code not in ALLOWED or "Traceback" in said:
        outcome.faults.append(f"{kind} {number}: exit code {code}: {said[-1200:]}")
    elif code and not (told and any(name in told[-1] for name in NAMES)):
        outcome.faults.append(f"{kind} {number}: no line names the file: {said}")
    if event["peak"] > base + PEAK_BYTES:
        outcome.faults.append(f"{kind} {number}: {event['peak'] / 1024**3:.1f} GiB of memory")
    if "c" in event:
        outcome.c[event["c"].partition(":")[0]] += 1
        if event["c"].startswith("wrong"):
            outcome.faults.append(f"{kind} {number}: {event['c']}")


def tail(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")[-500:]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_mutant_does_more_than_end_with_a_word(kind: str, tmp_path: Path) -> None:
    plant(tmp_path)
    count = round(MUTANTS * SHARES[kind])
    outcome = fuzz(kind, count, tmp_path)
    codes = ", ".join(f"{number} ended with {code}" for code, number in sorted(outcome.codes.items()))
    c = ", ".join(f"{number} {what}" for what, number in outcome.c.most_common())
    print(f"{kind}: {count} mutants, {codes}{'; their C: ' if c else ''}{c}; {len(outcome.faults)} faults")
    assert not outcome.faults, "\n".join(outcome.faults[:20])
    assert sum(outcome.codes.values()) == count
    # A mutant that nothing reads to its end shows nothing.
    assert outcome.codes[0] > 0
    if kind == "tflite":
        assert outcome.c["equal"] > 0


def test_what_is_looked_for_would_be_seen() -> None:
    outcome = Outcome()
    event = {"number": 3, "code": 0, "said": "", "peak": 0}
    take("png", event, 0, outcome)
    assert outcome.faults == []
    take("png", event | {"code": 1, "said": "edge-nas: image.png: Traceback"}, 0, outcome)
    take("png", event | {"code": 3, "said": "edge-nas: cannot be read"}, 0, outcome)
    take("png", event | {"code": 3, "said": "edge-nas: image.png: no image", "peak": PEAK_BYTES + 1}, 0, outcome)
    take("tflite", event | {"c": "wrong: differs"}, 0, outcome)
    assert [fault.partition(":")[2].split()[0] for fault in outcome.faults] == ["exit", "no", "2.0", "wrong:"]
