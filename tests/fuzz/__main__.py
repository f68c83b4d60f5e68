"""Runs mutants of one kind in this one process and prints, a line of JSON each, what is about to be tried and its end.

    python -P -m fuzz ROOT tflite 0 100      mutants 0 to 99 of .tflite files, in ROOT/tflite

One process, since libraries take seconds to start. Who reads the lines knows by the last one which mutant ended it, or
hangs, and starts another behind it.
"""

import argparse
import json
import os
import re
import resource
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from time import monotonic
from typing import Any

from fuzz.subjects import Mutant, mutant

_SAID = 20_000
"""Characters of a message that are handed on: its first line names the file."""
_TRACEBACKS = re.compile(r"edge-nas-\w+\.txt")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("kind")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    options = parser.parse_args()
    for number in range(options.first, options.last):
        _say(number=number, phase="begin")
        one = mutant(options.kind, number)
        folder = options.root / options.kind
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / one.name).write_bytes(one.data)
        os.chdir(folder)
        begin = monotonic()
        code, said = _run(one, number)
        # A peak that only rises: of this process and all before this mutant in it.
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        end = {"code": code, "seconds": monotonic() - begin, "said": said[:_SAID], "peak": peak}
        if code == 0 and options.kind == "tflite":
            _say(number=number, phase="C")
            end["c"] = _c_of(folder)
        _say(number=number, phase="end", **end)


def _say(**values: Any) -> None:
    print(json.dumps(values), file=sys.__stdout__, flush=True)


def _run(one: Mutant, number: int) -> tuple[int, str]:
    """Returns the exit code of a mutant's command and what it said on standard error."""
    from edge_nas.cli.main import run

    said = Path(f"../said-{one.kind}-{number}")
    with (
        said.open("w") as errors,
        Path(os.devnull).open("w") as nothing,
        redirect_stderr(errors),
        redirect_stdout(nothing),
    ):
        code = run(list(one.command))
    text = said.read_text(encoding="utf-8", errors="replace")
    said.unlink()
    for file in _TRACEBACKS.findall(text):
        with Path(os.environ.get("TMPDIR", "/tmp"), file).open() as traceback:
            text = traceback.read() + text
    return code, text


def _c_of(folder: Path) -> str:
    """Returns what the C of the mutant in a folder came to, under sanitizers beside the reference kernels."""
    from edge_nas.codegen import compile_tflite
    from edge_nas.emulation import run_on_host
    from edge_nas.emulation.frames import packed, stored_frames
    from edge_nas.errors import ArtifactError, EdgeNasError
    from edge_nas.int8.intake import open_tflite_path
    from edge_nas.runtimes.reference import run_reference
    from edge_nas.verification.differences import require_all_equal

    path = folder / "net.tflite"
    frames = stored_frames(compile_tflite(path).inputs, 4)
    try:
        # In a child: they end the process that they run in on some mutants.
        expected = run_reference(open_tflite_path(path).data, frames.inputs)
    except ArtifactError as error:
        return f"refused by the reference kernels: {error}"
    try:
        outputs = run_on_host(folder / "out", packed(frames.inputs))
        require_all_equal(expected, outputs, frames.kinds, "C")
    except EdgeNasError as error:
        return f"wrong: {error}"
    return "equal"


if __name__ == "__main__":
    main()
