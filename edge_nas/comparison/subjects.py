"""One side of a comparison, as it lies on the disk: a run's folder, a result.json, or an int8 .tflite file.

A run may come from somebody else, so that a link in it is refused, and its configuration is read as plain data.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edge_nas.core import strictyaml
from edge_nas.core.configfile import flat_settings
from edge_nas.errors import ArtifactError, InputError
from edge_nas.results.compare import SubjectKind
from edge_nas.results.quantize import QuantizeOutput
from edge_nas.results.result import Result
from edge_nas.results.scores import SplitReport
from edge_nas.runs.access import refuse_links
from edge_nas.runs.names import CONFIG, RESULT, STAGE
from edge_nas.runs.record import StageRecord

QUANTIZE_FOLDER = "04_quantize"
MOST_RESULT_BYTES = 10_000_000
"""A result.json has some 20 kB; more is something else."""


@dataclass(frozen=True)
class ReadSubject:
    """What was read of one side.

    Attributes:
        path: as it was given.
        kind: what it is.
        name: of the build, or of the file.
        result: of a build; None of a .tflite file.
        report: the shipped network's report with the scores without each block of images; None: not kept.
        settings: dotted key -> value; None: not kept.
        data: of a .tflite file.
    """

    path: Path
    kind: SubjectKind
    name: str | None
    result: Result | None = None
    report: SplitReport | None = None
    settings: dict[str, Any] | None = None
    data: bytes | None = None

    @property
    def board(self) -> str | None:
        """The board that the build is for; None where nobody said."""
        if self.settings is not None and "deploy.board" in self.settings:
            return str(self.settings["deploy.board"])
        return self.result.deployment.board if self.result is not None and self.result.deployment is not None else None


def read_subject(path: Path) -> ReadSubject:
    """Returns what is known of a run's folder, of a result.json or of a .tflite file.

    Raises:
        InputError: there is nothing, a folder without result.json, or a file that is neither of the two.
        ConfigError: the run's configuration is not YAML.
        UnsafeError: a file of the run is a link.
    """
    if path.is_dir():
        return _read_run(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file or folder; a run, its result.json or an int8 .tflite file is expected")
    if path.suffix == ".json":
        result = _read_result(path)
        return ReadSubject(path, "result", result.name, result)
    from edge_nas.int8.intake import open_tflite_path

    return ReadSubject(path, "tflite", path.name, data=open_tflite_path(path).data)


def _read_run(path: Path) -> ReadSubject:
    refuse_links(path)
    if not (path / RESULT).is_file():
        raise InputError(
            f"{path}: a folder without {RESULT}; a run that is finished is expected: edge-nas build --run {path}"
        )
    result = _read_result(path / RESULT)
    return ReadSubject(path, "run", result.name, result, _read_report(path), _read_settings(path))


def _read_result(path: Path) -> Result:
    if path.stat().st_size > MOST_RESULT_BYTES:
        raise ArtifactError(f"{path}: {path.stat().st_size:,} bytes; a {RESULT} has at most {MOST_RESULT_BYTES:,}")
    try:
        return Result.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ArtifactError(
            f"{path}: no {RESULT} of this version of edge-nas: {where}: {first['msg']}; build the run again with it"
        ) from None


def _read_report(run: Path) -> SplitReport | None:
    """Returns the report of the shipped network on the reported split; None where the stage's record says none."""
    try:
        record = StageRecord.read(run / QUANTIZE_FOLDER / STAGE)
        output = QuantizeOutput.model_validate_json(json.dumps(record.output), strict=True)
    except (OSError, ValueError):
        return None  # the scores of result.json are compared without their spread, and the table shows none
    return output.evaluation.reported


def _read_settings(run: Path) -> dict[str, Any] | None:
    path = run / CONFIG
    if not path.is_file():
        return None
    data = strictyaml.parse(path.read_text(encoding="utf-8", errors="replace"), str(path)).data
    return flat_settings(data) if isinstance(data, dict) else None
