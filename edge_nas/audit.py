"""Is a run still what its build wrote? Every file against its hash, and result.json against what the stages came to."""

import re
from pathlib import Path

from edge_nas.core.atomic import json_bytes
from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_file
from edge_nas.errors import ConfigError, GateError
from edge_nas.results.result import Result, assemble
from edge_nas.runs.folder import read_name
from edge_nas.runs.manifest import Manifest
from edge_nas.runs.names import CONFIG, MANIFEST, RESULT, STAGE
from edge_nas.runs.record import StageRecord
from edge_nas.stages.table import STAGES

_STAGE_FOLDER = re.compile(r"^\d\d_[a-z]+$")
_LISTED = 5
"""Damaged files that a message names; more would not be read."""


def audit(run: Path) -> int:
    """Returns how many files of a run were hashed, all of which are what was written.

    Raises:
        ConfigError: `run` is not a run.
        GateError: a file or a record is missing or changed, or result.json is not what the stages came to.
    """
    if not (run / MANIFEST).is_file():
        raise ConfigError(f"{run} is not a run: it has no {MANIFEST}; name a run folder or a .tflite file")
    try:
        manifest = Manifest.read(run / MANIFEST)
        records = {
            folder.name: StageRecord.read(folder / STAGE)
            for folder in sorted(run.iterdir())
            if _STAGE_FOLDER.match(folder.name)
        }
    except (ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise GateError(
            f"{run}: a record is not what was written ({reason}); build again, which replaces it"
        ) from error
    hashed = _check_files(run, manifest, records)
    if manifest.stages:
        _check_result(run, manifest, records)
    return hashed


def _check_files(run: Path, manifest: Manifest, records: dict[str, StageRecord]) -> int:
    """Hashes the configuration, the shipped files of the manifest and the files of every finished stage."""
    expected = {run / path: sha256 for path, sha256 in manifest.artifacts.items()}
    if manifest.config_sha256 is not None:
        expected[run / CONFIG] = manifest.config_sha256
    for folder, record in records.items():
        expected |= {run / folder / name: sha256 for name, sha256 in record.files.items()}
    damages = {path: _damage(path, sha256) for path, sha256 in expected.items()}
    bad = [f"{path.relative_to(run)} ({damage})" for path, damage in damages.items() if damage is not None]
    if bad:
        more = f" and {len(bad) - _LISTED} more" if len(bad) > _LISTED else ""
        raise GateError(
            f"{run}: {len(bad)} of {len(expected)} files are not what was written: {', '.join(bad[:_LISTED])}{more}; "
            "build again, which replaces them"
        )
    return len(expected)


def _damage(path: Path, sha256: str) -> str | None:
    """Returns in what a file differs from what was written, None where it does not."""
    try:
        now = sha256_file(path)
    except OSError as error:
        return error.strerror or "cannot be read"
    return None if now == sha256 else f"sha256 {now[:12]}..., written as {sha256[:12]}..."


def _check_result(run: Path, manifest: Manifest, records: dict[str, StageRecord]) -> None:
    """Makes result.json again from the records of the stages, and compares it byte for byte.

    Of a build that failed, the failure itself stands in result.json only and is taken from there.
    """
    outputs: list[Frozen] = []
    seconds: dict[str, float] = {}
    try:
        stored = (run / RESULT).read_bytes()
        failure = Result.model_validate_json(stored, strict=True).failure
        for stage in STAGES:
            if stage.name in manifest.stages:
                record = records[stage.folder]
                outputs.append(stage.output.model_validate_json(json_bytes(record.output), strict=True))
                seconds[stage.name] = record.seconds
    except KeyError as error:
        raise GateError(f"{run}: stage folder {error} is missing; build again, which makes it anew") from error
    except (ValueError, OSError) as error:
        raise GateError(f"{run}: {str(error).splitlines()[0]}; build again, which makes {RESULT} anew") from error
    result = assemble(read_name(run), outputs, seconds, failure)
    if json_bytes(result.to_data()) != stored:
        raise GateError(f"{run / RESULT} is not what the stages came to; build again, which makes it anew")
