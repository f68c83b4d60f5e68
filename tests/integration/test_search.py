"""Searches with real trainings on a few small scenes: ended by Ctrl-C, gone on with, with one worker and with three."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from edge_nas.emulation import find_core, missing_tools
from edge_nas.int8.reader import read_tflite
from edge_nas.results.front import Front
from edge_nas.results.search import SearchStory

BOARD, CORE = "nrf52840", "cortex-m4"
INSTRUCTIONS = 400_000
_PATIENCE_S = 900.0  # a machine that others use as well; alone it takes half a minute
SETTINGS = [
    "data.input_shape=[16,16,3]", "data.terrain.train_images=8", "data.terrain.val_images=4",
    "data.terrain.test_images=1", "name=small", "train.epochs=1", "quantize.scheme=ptq", "quantize.max_drop=1",
    "search.beginners=2", "search.brain=evolution", "search.finalists=1", "search.narrowed=0", "search.draws=400",
    "verify.inputs=20", "verify.slow_inputs=2", "verify.core_inputs=2", "data.calibration_images=4",
]  # fmt: skip

pytestmark = pytest.mark.skipif(bool(missing_tools(find_core(CORE))), reason=f"{CORE} cannot be emulated here")


_SEARCH = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs start with it ignored
from edge_nas.cli.start import main
main()
"""


def _started(run: Path, workers: int, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _SEARCH, "search", "--board", BOARD, "--instructions", str(INSTRUCTIONS)]
    options = ["--run", str(run), "--executor", f"local?workers={workers}", *words]
    return subprocess.Popen(
        [*command, *options, *SETTINGS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip


def _ended(process: "subprocess.Popen[str]", code: int) -> tuple[str, str]:
    """What a search wrote on standard output and standard error; it ends with an exit code."""
    with process:
        try:
            out, said = process.communicate(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert process.returncode == code, said
    return out, said


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Undisturbed]":
    """A search by three workers; it goes on beside the one that is interrupted, since each leaves a core idle."""
    run = tmp_path_factory.mktemp("undisturbed") / "run"
    process = _started(run, 3, "--json")
    with process:
        yield Undisturbed(run, process)
        process.kill()


class Undisturbed:
    """A search that nobody interrupts, and what it prints."""

    def __init__(self, run: Path, process: "subprocess.Popen[str]") -> None:
        self._run, self._process = run, process

    @cached_property
    def ended(self) -> Path:
        """The run, once the search has ended."""
        out, _ = _ended(self._process, 0)
        assert json.loads(out) == {"status": "ok", **_json(self._run / "search/front.json")}
        return self._run


def _json(path: Path) -> Any:
    return json.loads(path.read_text())


@pytest.mark.endurance
def test_ctrl_c_leaves_a_search_that_goes_on_to_the_same_front(undisturbed: Undisturbed, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = _started(run, 1)
    journal = run / "search/journal.jsonl"
    end = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < end:
        if journal.is_file() and b'"kind": "result"' in journal.read_bytes():
            break
        time.sleep(0.1)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = _ended(process, 130)
    assert time.monotonic() - start < 5
    assert "the same command goes on from the last finished training" in said
    assert not (run / "search/front.json").exists()
    out, _ = _ended(_started(run, 1), 0)
    assert "edge-nas build --from-search" in out
    for name in ("front.json", "story.json", "report.html"):
        assert (run / "search" / name).read_bytes() == (undisturbed.ended / "search" / name).read_bytes()


def test_the_front_holds_what_it_says(undisturbed: Undisturbed) -> None:
    run = undisturbed.ended
    front = Front.read(run / "search/front.json")
    story = SearchStory.read(run / "search/story.json")
    (network,) = front.networks
    assert (network.id, network.board) == (1, BOARD)
    assert 0 < network.instructions <= INSTRUCTIONS
    assert 0 <= network.score <= 1
    read_tflite((run / network.model).read_bytes(), network.model)
    # What was predicted without training is what was counted, but for a few per cent.
    (final,) = story.finals
    predicted = story.candidate(final.candidate).predicted[CORE]
    assert final.counted[CORE].instructions == pytest.approx(predicted.instructions, rel=0.15)
    assert [len(rung.trainings) for rung in story.rungs] == [2]
