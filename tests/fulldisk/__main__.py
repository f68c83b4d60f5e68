"""Fills a small file system in memory, or makes it read-only, runs a command, and looks at what it left.

Three folders in turn: of temporary files, of a command's output, of a run. What is there under a final name has to be
whole, nothing under a passing name may stay, and with room the same command comes to the same files.
"""

import argparse
import io
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from canaries.int8_files import int8_network
from diskfaults.__main__ import Data, Pruned, Reported, Trained, digest
from PIL import Image

from edge_nas.cli.main import run
from edge_nas.core.configfile import load_config
from edge_nas.core.frozen import Frozen
from edge_nas.errors import EdgeNasError
from edge_nas.pipeline import Pipeline
from edge_nas.runs.progress import Silent
from edge_nas.stages.contract import Stage, StageContext

MIB = 1 << 20
VERIFY = ["verify", "net.tflite", "--inputs", "2", "--slow-inputs", "1", "--core-inputs", "1", "--cores", "cortex-m4"]
WRITERS = {
    "analyze": ["analyze", "net.npz", "--data", "images", "--out", "full/analysis"],
    "quantize": ["quantize", "net.npz", "--data", "images", "--out", "full/net.tflite"],
}
"""Commands that need TensorFlow, which they do not load before they know that they can write."""
OUTPUTS = {
    "compile": ["compile", "net.tflite", "--out", "full/c"],
    "deploy": ["deploy", "net.tflite", "--board", "stm32l4r5", "--out", "full/bundle"],
    "predict": ["predict", "net.tflite", "images", "--out", "full/masks"],
}
QUICK_S = 5.0
"""To be told that a folder cannot be written; 0.3 with a processor to itself."""
STAGE_BYTES = 12 * MIB
"""What a stage writes: three of them are more than the room that is asked for before a build begins."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended on a full folder: exit code, the end of what it said, what it left that should not be there.

    `named`: whether it said which folder.
    """

    what: str
    code: int
    said: str
    named: bool
    left: list[str]


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """Mounts an empty file system of a size at a folder."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, free: int) -> None:
    """Leaves a number of bytes free."""
    filler = folder / "filler"
    filler.unlink(missing_ok=True)
    with filler.open("wb") as file:
        file.write(bytes(max(0, shutil.disk_usage(folder).free - free)))


def ended(command: list[str]) -> tuple[int, str]:
    """Returns the exit code of a command of ours, and what it said."""
    tempfile.tempdir = None  # which Python looks for once
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = run(command)
    return code, said.getvalue()


def temporary(root: Path) -> Iterator[Outcome]:
    """Yields what became of a verification with a full folder for temporary files."""
    folder = root / "tmp"
    with small_disk(folder, 4 * MIB):
        os.environ["TMPDIR"] = str(folder)
        for free in (0, 16_384, 65_536, 3 * MIB):
            fill(folder, free)
            code, said = ended(VERIFY)
            left = sorted(path.name for path in folder.iterdir() if path.name != "filler")
            named = f"{folder}" in said and "TMPDIR" in said
            yield Outcome(f"verify, temporary folder with {free} bytes", code, said[-500:], named, left)
        del os.environ["TMPDIR"]


def outputs(root: Path) -> Iterator[Outcome]:
    """Yields what became of commands that write into a full folder."""
    full = root / "full"
    for name, command in OUTPUTS.items():
        with small_disk(full, 4 * MIB):
            ended(command)
            whole = {path.relative_to(full): path.read_bytes() for path in full.rglob("*") if path.is_file()}
        for free in (0, 16_384, 50_000):
            with small_disk(full, 4 * MIB):
                fill(full, free)
                code, said = ended(command)
                names = [path.name for path in full.glob("*.new")] + [path.name for path in full.rglob("*.tmp")]
                files = [path for path in full.rglob("*") if path.is_file() and path.name != "filler"]
                parts = [str(path) for path in files if whole.get(path.relative_to(full)) != path.read_bytes()]
                if (full / "bundle").exists():
                    parts += [str(path) for path in whole if not (full / path).exists()]
                left = names + (parts if code else [])
                yield Outcome(f"{name}, output folder with {free} bytes", code, said[-500:], "full" in said, left)


def _written(context: StageContext, output: Frozen) -> Frozen:
    """Writes what a stage of this size writes, the same each time."""
    block = np.random.default_rng(len(context.folder.name)).bytes(MIB)
    with (context.folder / "weights").open("wb") as file:
        for _ in range(STAGE_BYTES // MIB):
            file.write(block)
    context.publish("weights", f"artifacts/{type(output).__name__}")
    return output


STAGES = (
    Stage("train", 1, lambda context: _written(context, Trained(text="t")), Trained, ("seed",), ()),
    Stage("prune", 3, lambda context: _written(context, Pruned(text="p")), Pruned, ("prune.criterion",), ("train",)),
    Stage("report", 10, lambda context: _written(context, Reported(text="r")), Reported, (), ("train", "prune")),
)


def build(path: Path) -> tuple[int, str]:
    """Builds with stages that only write; returns exit code and message."""
    data: Any = Data()
    try:
        Pipeline(STAGES, lambda *_: data).build(load_config(None, ["name=run"]), path, progress=Silent())
    except EdgeNasError as error:
        return error.exit_code, str(error)
    return 0, ""


def runs(root: Path) -> Iterator[Outcome]:
    """Yields what became of builds that fill the disk, and of the same builds once there is room."""
    full = root / "run"
    with small_disk(full, 128 * MIB):
        build(full / "run")
        whole = digest(full / "run")
    for size in (8, 33, 40, 50):
        with small_disk(full, size * MIB):
            code, said = build(full / "run")
            passing = [str(path) for path in full.rglob("*") if path.suffix == ".tmp" or path.name.endswith(".new")]
            again = code
            if code:
                subprocess.run(["mount", "-o", f"remount,size={128 * MIB}", str(full)], check=True)
                again, _ = build(full / "run")
            same = _timeless(digest(full / "run")) == _timeless(whole)
            left = passing + ([] if same and again == 0 else ["another tree"])
            yield Outcome(f"build, run folder with {size} MiB", code, said[-500:], str(full) in said, left)


def unwritable(root: Path) -> Iterator[Outcome]:
    """Yields what became of commands whose folder is on a disk that is read-only, which stops root as well."""
    full = root / "full"
    with small_disk(full, 64 * MIB):
        build(full / "run")
        before = digest(full)
        subprocess.run(["mount", "-o", "remount,ro", str(full)], check=True)
        os.environ["TMPDIR"] = str(full)
        yield _kept(full, before, "verify, temporary folder", lambda: ended(VERIFY))
        del os.environ["TMPDIR"]
        for name, command in (OUTPUTS | WRITERS).items():
            yield _kept(full, before, f"{name}, output folder", partial(ended, command))
        yield _kept(full, before, "a finished build again, run folder", lambda: build(full / "run"))
        yield _kept(full, before, "a new build, run folder", lambda: build(full / "new"))


def _kept(full: Path, before: dict[str, str], what: str, attempt: Callable[[], tuple[int, str]]) -> Outcome:
    begin = monotonic()
    code, said = attempt()
    took = monotonic() - begin
    left = [] if digest(full) == before else ["another tree"]
    slow = [f"took {took:.1f} s"] if took > QUICK_S else []
    return Outcome(f"{what}, read-only", code, said[-500:], "full" in said, left + slow)


def _timeless(digests: dict[str, str]) -> dict[str, str]:
    """Returns the hashes of what does not tell seconds."""
    return {name: sha256 for name, sha256 in digests.items() if not name.endswith(".json")}


def main(root: Path) -> None:
    """Prints what became of all of them."""
    os.chdir(root)
    Path("net.tflite").write_bytes(int8_network())
    Path("images").mkdir()
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 256, (200, 200, 3), np.uint8)
        Image.fromarray(pixels).save(f"images/{number}.png")
    print(
        json.dumps([asdict(outcome) for outcome in (*temporary(root), *outputs(root), *runs(root), *unwritable(root))])
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an empty one")
    main(parser.parse_args().folder)
