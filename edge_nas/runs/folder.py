"""One build on the disk: `runs/<name>/`, always in a state from which the same command goes on.

    config.yaml  manifest.json  result.json  report.html
    artifacts/   model.tflite, model.onnx, ...
    01_train/    what the stage wrote, and stage.json: its key, its output, the hash of every file
    .01_train.new/      a stage at work; becomes 01_train/ when it is finished, removed by the next open if it never was
    03_prune.rejected/  what a stage left that did not pass its gate
    .03_prune.interim/  how far a stage at work has come, for the same stage to go on from
    .lock  .holder.json

A stage is finished if its stage.json is there: that file is written last. Two builders never meet: the lock is the
kernel's and dies with the process that holds it.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from edge_nas.core import atomic, strictyaml
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import dump_config, load_config
from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_file
from edge_nas.core.interrupts import before_hard_end
from edge_nas.errors import ConfigError, EdgeNasError
from edge_nas.results.result import Result
from edge_nas.runs.access import locked, refuse_foreign, refuse_links
from edge_nas.runs.manifest import Manifest
from edge_nas.runs.names import (
    ARTIFACTS,
    CONFIG,
    INTERIM,
    INTERIM_FOLDER,
    KEY,
    LEFTOVER,
    LOCK_FILES,
    MANIFEST,
    NEW,
    OLD,
    OURS,
    REJECTED,
    REPORT,
    RESULT,
    SEARCH,
    STAGE,
    STAGE_FOLDER,
)
from edge_nas.runs.record import Finished, StageRecord

Output = TypeVar("Output", bound=Frozen)

_unfinished: set[Path] = set()
"""Folders of stages at work in this process, which nobody needs when it ends."""


def _remove_unfinished() -> None:
    for folder in _unfinished:
        # With its record a stage is finished; the next open puts it into its place.
        if not (folder / STAGE).exists():
            shutil.rmtree(folder, ignore_errors=True)


before_hard_end(_remove_unfinished)


class RunFolder:
    """The files of one run, for the process that holds its lock; made by `open_run`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def artifacts(self) -> Path:
        """The folder of the files that are shipped."""
        return self.path / ARTIFACTS

    def begin(self, folder: str) -> Path:
        """Returns an empty folder for a stage to write into; it becomes `folder` in `finish`."""
        new = self._new(folder)
        atomic.remove(new)
        _unfinished.add(new)
        atomic.make_folder(new)
        return new

    def interim(self, folder: str, key: str) -> Path:
        """Returns a folder that outlives an interruption of a stage; it goes once the stage is finished or rejected.

        What an earlier process left in it is there again if it worked under the same key; otherwise it is empty, but
        for a file that holds the key.

        Raises:
            ResourceError: the folder cannot be made or written.
        """
        place = self._interim(folder)
        mark = place / KEY
        if not (mark.is_file() and mark.read_bytes() == key.encode()):
            atomic.remove(place)
            atomic.make_folder(place)
            atomic.write_text(mark, key)
        return place

    def finish(
        self,
        folder: str,
        output: Output,
        *,
        stage: str,
        key: str,
        seconds: float,
        versions: dict[str, str],
        published: dict[str, str],
    ) -> Finished[Output]:
        """Puts what `begin` handed out in its place, with its stage.json, and publishes files from it.

        Args:
            folder: Name of the stage's folder, such as "01_train".
            output: What the stage returned.
            stage: Name of the stage.
            key: Hash of all that the output depends on.
            seconds: How long the stage took.
            versions: Versions of what computed it.
            published: Name in the folder -> path in the run, for files that also stand elsewhere.

        Raises:
            ResourceError: the disk is full, or a file was removed meanwhile.
        """
        new = self._new(folder)
        if (new / STAGE).exists():
            raise EdgeNasError(f"stage {stage} wrote a {STAGE} of its own; that name is the run folder's")
        record = StageRecord(
            stage=stage,
            key=key,
            seconds=seconds,
            versions=versions,
            output=output.to_data(),
            files=_hashes(new, sync=True),
            published=published,
        ).sealed()
        atomic.write_json(new / STAGE, record.to_data())
        self._swap_in(folder)
        atomic.remove(self._rejected(folder))
        self._publish(folder, record)
        return Finished(output, record)

    def reject(self, folder: str) -> Path:
        """Keeps what a stage wrote that did not pass its gate, beside the stage folders; returns where."""
        rejected = self._rejected(folder)
        atomic.remove(self._interim(folder))
        atomic.remove(rejected)
        atomic.rename(self._new(folder), rejected)
        return rejected

    def discard(self, folder: str) -> None:
        """Removes what an unfinished stage wrote."""
        atomic.remove(self._new(folder))

    def load_finished(
        self, folder: str, key: str, output_type: type[Output], warn: Callable[[str], None]
    ) -> Finished[Output] | None:
        """Returns the output of a finished stage, or None where it has to run (again).

        None without a warning: never finished, or made from other settings, data, code or versions. None with a
        warning: a file is not the one that was written.
        """
        try:
            record = StageRecord.read(self.path / folder / STAGE)
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as error:
            warn(f"{folder}/{STAGE} cannot be read ({_first_line(error)}); the stage runs again")
            return None
        if record.key != key:
            return None
        damage = self._damage(folder, record)
        if damage is not None:
            warn(f"{folder}/{damage}; the stage runs again")
            return None
        try:
            output = output_type.model_validate_json(json.dumps(record.output), strict=True)
        except ValidationError as error:
            warn(
                f"{folder}/{STAGE} does not hold a {output_type.__name__} ({_first_line(error)}); the stage runs again"
            )
            return None
        atomic.remove(self._rejected(folder))  # `finish` may have been killed before it came to that
        self._publish(folder, record)
        return Finished(output, record)

    def config(self) -> BuildConfig | None:
        """Returns the configuration the run was last built with, None before the first time.

        Raises:
            ConfigError: config.yaml was edited to something that is not allowed.
            UntrustedCodeError: its task or data source is a package's that this build does not use.
        """
        path = self.path / CONFIG
        return load_config(str(path)) if path.exists() else None

    def write_config(self, config: BuildConfig) -> None:
        """Puts the resolved configuration into the run."""
        atomic.write_text(self.path / CONFIG, dump_config(config))

    def manifest(self) -> Manifest | None:
        """Returns what the last build wrote of itself, None where that cannot be read."""
        try:
            return Manifest.read(self.path / MANIFEST)
        except (OSError, ValueError):
            return None

    def write_manifest(self, manifest: Manifest) -> None:
        """Puts the manifest into the run."""
        atomic.write_json(self.path / MANIFEST, manifest.to_data())

    def write_result(self, result: Result) -> None:
        """Puts result.json into the run."""
        atomic.write_json(self.path / RESULT, result.to_data())

    def remove_result(self) -> None:
        """Takes result.json away while stages run that may make it untrue."""
        atomic.remove(self.path / RESULT)

    def _new(self, folder: str) -> Path:
        return self.path / f".{folder}{NEW}"

    def _rejected(self, folder: str) -> Path:
        return self.path / f"{folder}{REJECTED}"

    def _interim(self, folder: str) -> Path:
        return self.path / f".{folder}{INTERIM}"

    def _swap_in(self, folder: str) -> None:
        old = self.path / f".{folder}{OLD}"
        atomic.remove(self._interim(folder))
        atomic.remove(old)
        if (self.path / folder).exists():
            atomic.rename(self.path / folder, old)
        atomic.rename(self._new(folder), self.path / folder)
        atomic.remove(old)

    def _damage(self, folder: str, record: StageRecord) -> str | None:
        """Returns which file is not as it was written and how, None where all are."""
        for name, sha256 in record.files.items():
            try:
                if sha256_file(self.path / folder / name) != sha256:
                    return f"{name} is not the file that was written (its SHA-256 differs)"
            except OSError as error:
                return f"{name} cannot be read ({error.strerror})"
        return None

    def _publish(self, folder: str, record: StageRecord) -> None:
        for name, published in record.published.items():
            target = self.path / published
            if not target.is_file() or sha256_file(target) != record.files[name]:
                atomic.make_folder(target.parent)
                atomic.copy_file(self.path / folder / name, target)

    def clean(self) -> None:
        """Completes or removes what killed processes left: safe only under the lock."""
        for path in sorted(self.path.iterdir()):
            if not LEFTOVER.match(path.name):
                continue
            # stage.json is written last: a folder that has it was finished, and only its renaming was cut short.
            if path.name.endswith(NEW) and (path / STAGE).is_file():
                self._swap_in(path.name.removeprefix(".").removesuffix(NEW))
            else:
                atomic.remove(path)
        for folder in (ARTIFACTS, f".*{INTERIM}", SEARCH, f"{SEARCH}/*"):
            for path in self.path.glob(f"{folder}/.*{atomic.TEMPORARY_SUFFIX}"):
                atomic.remove(path)

    def empty(self) -> None:
        """Removes everything a build wrote; files that others put here stay."""
        known = {CONFIG, RESULT, REPORT, ARTIFACTS}
        for path in self.path.iterdir():
            stage = STAGE_FOLDER.match(path.name.removesuffix(REJECTED)) or INTERIM_FOLDER.match(path.name)
            if path.name in known or stage:
                atomic.remove(path)


@contextmanager
def open_run(path: Path, *, fresh: bool = False) -> Iterator[RunFolder]:
    """Opens a run for building: made if it is missing, locked, cleaned of what killed processes left.

    Args:
        path: The run's folder; its parents are made too.
        fresh: Start over: remove what earlier builds wrote.

    Raises:
        ConfigError: the folder holds something and is not a run; nothing was touched.
        LockedError: another process builds here; names it.
        ResourceError: the folder cannot be made or written.
    """
    refuse_foreign(path)
    # A build from the start removes what it finds, links included, but opens the lock where it stands.
    refuse_links(path, LOCK_FILES if fresh else OURS)
    atomic.make_folder(path)
    with locked(path):
        # A manifest from the start, so that a killed first build is known as a run.
        if not (path / MANIFEST).exists():
            atomic.write_json(path / MANIFEST, Manifest().sealed().to_data())
        run = RunFolder(path)
        run.clean()
        if fresh:
            run.empty()
            refuse_links(path)
        yield run


@contextmanager
def hold_run(path: Path) -> Iterator[None]:
    """Keeps builders out of an existing run while someone else reads it or puts files beside its stages.

    A folder that is no run, and one that nobody can write, needs no lock and is not touched.

    Raises:
        LockedError: another process builds here; names it.
    """
    if path.is_dir():
        refuse_links(path)
    if not (path / MANIFEST).is_file() or not os.access(path, os.W_OK):
        yield
        return
    with locked(path):
        yield


def read_config(path: Path, *, trust: bool = False) -> BuildConfig:
    """Returns the configuration of an existing run, without its lock.

    Args:
        path: The run's folder.
        trust: As `load_config` has it: a run may come from somebody else.

    Raises:
        ConfigError: `path` is not a run, or its config.yaml is not allowed.
        UnsafeError: as `load_config`.
    """
    file = path / CONFIG
    if not file.is_file():
        raise ConfigError(f"{path} is not a run: it has no {CONFIG}; make one with: edge-nas build --run {path}")
    refuse_links(path)
    return load_config(str(file), trust=trust)


def read_name(path: Path) -> str | None:
    """Returns the name that a run's config.yaml gives, without looking at the rest, which may name code of others.

    Raises:
        ConfigError: the file is not YAML of keys and values.
        OSError: it cannot be read.
    """
    settings = strictyaml.parse((path / CONFIG).read_text(encoding="utf-8"), str(path / CONFIG)).data
    if not isinstance(settings, dict):
        raise ConfigError(f"{path / CONFIG}: a configuration is a mapping of keys to values")
    name = settings.get("name")
    return None if name is None else str(name)


def stage_folders(path: Path) -> tuple[str, ...]:
    """Returns the names of the folders of finished stages in a run, sorted; none where there is no run."""
    return tuple(sorted(folder.name for folder in path.glob("*") if STAGE_FOLDER.match(folder.name)))


def _hashes(folder: Path, *, sync: bool) -> dict[str, str]:
    """Returns path in the folder -> sha256, for every file below it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if sync:
        for path in files:
            atomic.sync_file(path)
    return {path.relative_to(folder).as_posix(): sha256_file(path) for path in files}


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
