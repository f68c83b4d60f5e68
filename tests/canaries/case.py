"""A hostile input, the commands that read it, and the folders in which that plays.

ROOT/cases/NAME/         the current folder of the commands: what was planted, and nothing may be changed here
               out/      where commands are told to write
               run/      the run folder, where there is one
ROOT/bait/               what hostile files reach for: nothing here may be opened at all
ROOT/tmp/, ROOT/home/    TMPDIR; HOME, where nothing may be written
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

REFUSED = frozenset({2, 3, 7})
"""Exit codes of a file that is not taken: configuration, input, unsafe."""
TAKEN = frozenset({0, 3, 4})
"""Of one that may as well be taken, since what is hostile about it has no effect."""
BAIT = "../../bait"
"""From a case's folder."""
PLANTED = ("bisect", "json", "random", "h5py", "sitecustomize", "tflite_micro")
"""Modules beside every file, named like others' own: a child that imports from the current folder runs them."""
PROGRAMS = ("gcc", "as", "arm-none-eabi-gcc", "uname", "qemu-system-arm")
"""Programs beside it, where the current folder stands first in the search path."""
LEAVES_A_CANARY = f"open({f'{BAIT}/canary'!r}, 'w').close()\n"


@dataclass(frozen=True)
class Case:
    """One hostile input.

    Args:
        kind: which family it belongs to, such as "keras".
        what: what is hostile about it.
        plant: fills the current folder, given as its argument.
        commands: command lines of edge-nas that read what was planted, each with the exit codes that it may end with.
        reduced: whether it belongs to the cases of every run of the tests, not only to the whole.
    """

    kind: str
    what: str
    plant: Callable[[Path], object]
    commands: tuple[tuple[str, ...], ...]
    codes: frozenset[int] = REFUSED
    reduced: bool = False

    @cached_property
    def name(self) -> str:
        """What its folder is called."""
        return re.sub(r"\W+", "-", f"{self.kind} {self.what}").strip("-")


@dataclass(frozen=True)
class Places:
    """The folders of all cases, below `root`."""

    root: Path

    @property
    def bait(self) -> Path:
        """What nobody may open."""
        return self.root / "bait"

    @property
    def temporary(self) -> Path:
        """For temporary files."""
        return self.root / "tmp"

    @property
    def home(self) -> Path:
        """The home folder of who runs the commands."""
        return self.root / "home"

    def of(self, case: Case) -> Path:
        """Returns the current folder of a case."""
        return self.root / "cases" / case.name

    def writable(self, case: Case) -> Iterator[Path]:
        """Yields the folders below which a case may write."""
        yield from (self.of(case) / "out", self.of(case) / "run", self.temporary)

    def make(self) -> None:
        """Makes all folders, and the bait."""
        for folder in (self.bait, self.temporary, self.home, self.root / "cases"):
            folder.mkdir(parents=True)
        (self.bait / "folder").mkdir()
        for name in ("secret.bin", "victim.txt", "folder/file"):
            (self.bait / name).write_bytes(bytes(range(1, 65)) * 4)

    def plant(self, case: Case) -> None:
        """Makes what a case consists of, with modules beside it that nobody may import."""
        folder = self.of(case)
        folder.mkdir()
        for module in PLANTED:
            (folder / f"{module}.py").write_text(LEAVES_A_CANARY)
        for program in PROGRAMS:
            (folder / program).write_text(f"#!/bin/sh\ntouch {BAIT}/canary\n")
            (folder / program).chmod(0o755)
        (folder / "matplotlibrc").write_text(
            "backend: module://random\ntext.usetex: True\n"
        )  # which is looked for here
        case.plant(folder)
