"""What lies in a folder, to be compared with what lay there."""

from pathlib import Path

from edge_nas.runs.names import LOCK


def contents(folder: Path) -> dict[str, bytes]:
    """Returns path in the folder -> content, for every file but a run's lock, which stays where it was held once."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != LOCK]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
