"""What lies in the folders of a data set, safely: names, groups, links that lead outside, all problems at once."""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from edge_nas.core.reading import open_regular
from edge_nas.data.images import SUFFIXES, shown
from edge_nas.data.splits import SPLITS, SplitName
from edge_nas.errors import DataError, ResourceError, UnsafeError

# A person reads and mends a few problems at a time; the count says how many there are.
LISTED_PROBLEMS = 10
_NAMED = 3
"""Files that are named of those of which the same is to be said."""


class Problems:
    """What is wrong with the files of one data set, to be told together."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._messages: list[str] = []

    def add(self, message: str) -> None:
        """Notes a problem; the root is left out of its message."""
        self._messages.append(message.removeprefix(f"{shown(self._root)}{os.sep}"))

    def raise_if_any(self) -> None:
        """Raises a `DataError` that tells the first ten, where there are problems."""
        if not self._messages:
            return
        count = len(self._messages)
        head = f"{count} problem{'s' if count > 1 else ''} in {shown(self._root)}"
        lines = list(_together(self._messages))
        if len(lines) > LISTED_PROBLEMS:
            head += f"; the first {LISTED_PROBLEMS}"
        raise DataError("\n  ".join([f"{head}:", *lines[:LISTED_PROBLEMS]]))


def _together(messages: list[str]) -> Iterator[str]:
    """Yields a line for each problem, and one for all files of which the same is to be said: a slip repeats itself."""
    files_by_problem: dict[str, list[str]] = {}
    for message in messages:
        file, _, problem = message.partition(": ")
        files_by_problem.setdefault(problem, []).append(file)
    for problem, files in files_by_problem.items():
        more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
        yield f"{', '.join(files[:_NAMED])}{more}: {problem}"


@contextmanager
def collected(problems: Problems) -> Iterator[None]:
    """Notes a `DataError` raised inside instead of passing it on."""
    try:
        yield
    except DataError as error:
        problems.add(str(error))


def splits_in(root: Path, suffix: str = "") -> tuple[SplitName, ...]:
    """Returns the splits that a data set has to hold: train and val, and test where it is there."""
    return tuple(name for name in SPLITS if name != "test" or (root / f"{name}{suffix}").exists())


def split_called(name: str) -> SplitName:
    """Returns the split that a folder or file is called after; "test" where it is called something else."""
    return next((split for split in SPLITS if split == name), "test")


def by_stem(root: Path, folder: Path, problems: Problems) -> dict[str, Path]:
    """Returns the image files of a folder by name without suffix; what else lies there is a problem."""
    files: dict[str, Path] = {}
    for file in entries(root, folder):
        if not file.is_file():
            problems.add(f"{shown(file)}: not a file; images lie in the folder itself")
        elif file.suffix.lower() not in SUFFIXES:
            problems.add(f"{shown(file)}: neither PNG nor JPEG nor BMP; convert it or move it away")
        elif file.stem in files:
            problems.add(f"{shown(file)}: the same name as {shown(files[file.stem].name)}; keep one of them")
        else:
            files[file.stem] = file
    return files


def read_groups(root: Path, path: Path, stems: list[str], problems: Problems) -> dict[str, str] | None:
    """Returns the group of each name, or None without a file or where rows are wrong (added to `problems`)."""
    if not path.exists():
        return None
    refuse_outside(root, path)
    try:
        # utf-8-sig: spreadsheets write a byte order mark, which would become part of the first heading.
        with TextIOWrapper(open_regular(path), encoding="utf-8-sig", newline="") as file:
            heading, *rows = list(csv.reader(file, strict=True)) or [["missing"]]
    except PermissionError:
        raise ResourceError(f"{shown(path)}: no permission to read it") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.add(f"{shown(path)}: cannot be read as CSV in UTF-8 ({error})")
        return None
    if heading != ["name", "group"]:
        problems.add(f"{shown(path)}: line 1 is {','.join(heading)!r}; it must be name,group")
        return None
    groups: dict[str, str] = {}
    for line, row in enumerate(rows, start=2):
        if len(row) != 2 or not all(row):
            problems.add(f"{shown(path)}: row {line} has {len(row)} fields {row}; allowed: a name and its group")
        elif row[0] not in stems:
            problems.add(f"{shown(path)}: row {line} names {row[0]!r}, which has no image (names go without suffix)")
        elif row[0] in groups:
            problems.add(f"{shown(path)}: row {line} names {row[0]!r} a second time")
        else:
            groups[row[0]] = row[1]
    without = [stem for stem in stems if stem not in groups]
    if without:
        more = f" and {len(without) - _NAMED} more" if len(without) > _NAMED else ""
        named = ", ".join(repr(shown(stem)) for stem in without[:_NAMED])
        problems.add(f"{shown(path)}: no valid row for {named}{more}; every image needs a group")
    return groups if len(groups) == len(stems) else None


def entries(root: Path, folder: Path) -> list[Path]:
    """Returns what a folder holds, sorted by name, hidden files left out."""
    refuse_outside(root, folder)
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except PermissionError:
        raise ResourceError(f"{shown(folder)}: no permission to list it") from None
    for entry in entries:
        refuse_outside(root, entry)
    return entries


def refuse_outside(root: Path, path: Path) -> None:
    """Raises an `UnsafeError` where `path` leads out of `root`."""
    resolved = Path(os.path.realpath(path))  # unlike Path.resolve, never raises on a loop of links
    if not resolved.is_relative_to(root):
        raise UnsafeError(
            f"{shown(path)}: a link to {shown(resolved)}, outside the data set {shown(root)}; copy the file, or name a "
            f"folder that holds both"
        )


def existing_folder(path: Path) -> Path:
    """Returns the resolved path of a folder that exists."""
    resolved = Path(os.path.realpath(path.expanduser()))
    if not resolved.is_dir():
        raise DataError(f"{shown(path)}: no such folder (looked at {shown(resolved)})")
    return resolved
