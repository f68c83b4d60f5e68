"""Trials without training, for workers: a score from the trial's key, and deaths that a folder remembers."""

import functools
import os
import signal
import time
from pathlib import Path

from edge_nas.core.hashing import sha256_data
from edge_nas.errors import DivergedError, EdgeNasError
from edge_nas.search.coordinator import RunTrial
from edge_nas.search.space import Candidate, Signature
from edge_nas.search.trial import Trial, TrialResult

SIGNATURE = Signature(input_shape=(8, 8, 1), outputs=1)


def trial(number: int, epochs: int = 1) -> Trial:
    """The trial of a candidate with a number."""
    candidate = Candidate(family="numbers", signature=SIGNATURE, decisions=(("number", number),))
    return Trial(candidate=candidate, epochs=epochs, recipe_sha256="r", data_sha256="d", seed=0)


def number_of(asked: Trial) -> int:
    """The candidate's number."""
    return int(asked.candidate.values["number"])


def score_of(asked: Trial) -> TrialResult:
    """A score between 0 and 1 that the key decides."""
    return TrialResult(key=asked.key, score=int(sha256_data(asked.key)[:8], 16) / 2**32)


def diverge(asked: Trial) -> TrialResult:
    """A training that comes to nothing."""
    raise DivergedError(f"the loss of {number_of(asked)} became NaN")


def lacking(lack: Path, error: type[EdgeNasError]) -> RunTrial:
    """Returns `score_of` that raises an error from the fourth trial on while a file is there."""
    return functools.partial(_score_unless, str(lack), error)


def scoring(folder: Path, *, deaths: int = 0, of: int = -1, seconds: float = 0.0) -> RunTrial:
    """Returns `score_of` that notes each call in a folder; the trial of one number kills its first workers."""
    return functools.partial(_score, str(folder), deaths, of, seconds)


def calls(folder: Path) -> dict[int, int]:
    """How often each number was begun."""
    return {int(file.name): len(file.read_text()) for file in folder.iterdir()}


def _score_unless(lack: str, error: type[EdgeNasError], asked: Trial) -> TrialResult:
    if number_of(asked) >= 3 and Path(lack).exists():
        raise error("a disk or a file is not here now")
    return score_of(asked)


def _score(folder: str, deaths: int, of: int, seconds: float, asked: Trial) -> TrialResult:
    number = number_of(asked)
    begun = Path(folder) / str(number)
    with begun.open("a") as file:
        file.write("|")
    time.sleep(seconds)
    if number == of and len(begun.read_text()) <= deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    return score_of(asked)


def set_path(path: str) -> str:
    """Sets where a worker finds programs; returns where it found them."""
    before = os.environ["PATH"]
    os.environ["PATH"] = path
    return before
