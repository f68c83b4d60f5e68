"""Hashes the files of a run again: is everything still what the build wrote?"""

import re
from pathlib import Path

from edge_nas.core.hashing import sha256_file
from edge_nas.errors import ConfigError, GateError
from edge_nas.runs.folder import CONFIG, MANIFEST, STAGE, StageRecord
from edge_nas.runs.manifest import Manifest

_STAGE_FOLDER = re.compile(r"^\d\d_[a-z]+$")
_LISTED = 5


def check_hashes(run: Path) -> int:
    """Returns how many files were hashed: those of every finished stage, and the shipped ones of the manifest.

    Raises:
        ConfigError: `run` is not a run.
        GateError: a file or a record is missing, or is not the one that was written.
    """
    if not (run / MANIFEST).is_file():
        raise ConfigError(f"{run} is not a run: it has no {MANIFEST}; name a run folder or a .tflite file")
    wanted: dict[Path, str] = {}
    try:
        manifest = Manifest.read(run / MANIFEST)
        for path, sha256 in manifest.artifacts.items():
            wanted[run / path] = sha256
        if manifest.config_sha256 is not None:
            wanted[run / CONFIG] = manifest.config_sha256
        for folder in sorted(entry for entry in run.iterdir() if _STAGE_FOLDER.match(entry.name)):
            record = StageRecord.read(folder / STAGE)
            wanted |= {folder / name: sha256 for name, sha256 in record.files.items()}
    except (ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise GateError(
            f"{run}: a record is not what was written ({reason}); build again, which replaces it"
        ) from error
    bad = [
        f"{path.relative_to(run)} ({reason})" for path, sha256 in wanted.items() if (reason := _damage(path, sha256))
    ]
    if bad:
        more = f" and {len(bad) - _LISTED} more" if len(bad) > _LISTED else ""
        raise GateError(
            f"{run}: {len(bad)} of {len(wanted)} files are not what was written: {', '.join(bad[:_LISTED])}{more}; "
            "build again, which replaces them"
        )
    return len(wanted)


def _damage(path: Path, sha256: str) -> str | None:
    try:
        seen = sha256_file(path)
    except OSError as error:
        return error.strerror or "cannot be read"
    return None if seen == sha256 else f"sha256 {seen[:12]}..., written as {sha256[:12]}..."
