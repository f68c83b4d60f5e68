"""A finished stage as its stage.json holds it, and as the stages after it see it."""

from pathlib import PurePosixPath
from typing import Any, Generic, Literal, TypeVar

from pydantic import ValidationInfo, field_validator, model_validator

from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_data
from edge_nas.core.sealed import Sealed
from edge_nas.runs.names import ARTIFACTS, LOGS, REPORT

Output = TypeVar("Output", bound=Frozen)


class StageRecord(Sealed):
    """A finished stage, as its stage.json holds it.

    `key` is the hash of all that the output depends on, `files` the sha256 of every file in the folder, `published`
    the files of the folder that also stand elsewhere in the run: name in the folder -> path in the run.
    """

    schema_version: Literal[2] = 2
    stage: str
    key: str
    seconds: float
    versions: dict[str, str]
    output: dict[str, Any]
    files: dict[str, str]
    published: dict[str, str]

    @field_validator("files", "published")
    @classmethod
    def _stays_inside(cls, names: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        # A run folder may come from someone else: its stage.json must not make us read or write outside of it.
        for path in map(PurePosixPath, names if info.field_name == "files" else names.values()):
            if path.is_absolute() or ".." in path.parts:
                raise ValueError(f"{path} lies outside the run")
        return names

    @model_validator(mode="after")
    def _publishes_its_own_files_where_artifacts_lie(self) -> "StageRecord":
        # What is published replaces a file of the run: no record may name its configuration, say, or another stage's.
        for name, target in self.published.items():
            if name not in self.files:
                raise ValueError(f"{name} is published but is none of its files")
            if target != REPORT and PurePosixPath(target).parts[0] != ARTIFACTS:
                raise ValueError(f"{target} is no place for a published file: {REPORT} and {ARTIFACTS}/ are")
        return self


class Finished(Generic[Output]):
    """A stage's output, how long the stage took when it ran (seconds), and the files it published (path -> sha256).

    `identity` is the hash of all that later stages can see of it; it enters their keys.
    """

    def __init__(self, output: Output, record: StageRecord) -> None:
        self.output = output
        self.key = record.key
        files = {name: sha256 for name, sha256 in record.files.items() if PurePosixPath(name).parts[0] != LOGS}
        self.identity = sha256_data([record.key, record.output, files])
        self.seconds = record.seconds
        self.artifacts = {path: record.files[name] for name, path in record.published.items()}
