"""The way through the table of stages: finished stages are skipped, the rest runs in order.

A stage is finished when its folder holds an output with the right key: the hash of the settings it reads, of what the
stages before it came to, of the data, of this package's sources and of the libraries' versions. Nothing is skipped
because a file happens to be there, and nothing is kept whose files are not the ones that were written.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from edge_nas.checks.machine import check_machine
from edge_nas.checks.names import check_names
from edge_nas.core import atomic
from edge_nas.core.config import BuildConfig, DataSpec
from edge_nas.core.configfile import changed_keys, flat_settings
from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_data
from edge_nas.core.installed import require_train
from edge_nas.core.trust import require_trusted
from edge_nas.core.versions import source_digest
from edge_nas.errors import ConfigError, DivergedError, GateError, ResourceError, UnsafeError, is_out_of_memory
from edge_nas.results.result import Failure, Result, assemble, failure_of
from edge_nas.results.trivial import check_above_trivial
from edge_nas.runs.changes import changes_since, current_versions
from edge_nas.runs.folder import RunFolder, open_run
from edge_nas.runs.manifest import Manifest, describe
from edge_nas.runs.progress import Progress, Silent
from edge_nas.runs.record import Finished
from edge_nas.stages.contract import LazyDataset, Stage, StageContext
from edge_nas.stages.table import STAGES

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset


def build(
    config: BuildConfig,
    run: Path | str | None = None,
    *,
    from_stage: str | None = None,
    until_stage: str | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Builds what the configuration asks for and returns the content of result.json.

    Args:
        config: From `load_config`, or made in Python.
        run: The run's folder; None: `runs/<name of the configuration>`.
        from_stage: Run this stage and all after it again, even where they are finished; those before must be.
        until_stage: The last stage to run.
        fresh: Start over.
        progress: Who is told how far the build is; None: nobody.

    Raises:
        ConfigError: stages unknown or in the wrong order, or `run` is a folder of something else.
        UntrustedCodeError: the configuration was loaded from a file that names code and is not trusted.
        GateError: a result is worse than allowed; the files stand in the stage's folder with the ending ".rejected".
        EdgeNasError: any other; result.json tells it as well.
    """
    return Pipeline().build(
        config, run, from_stage=from_stage, until_stage=until_stage, fresh=fresh, progress=progress or Silent()
    )


def _load(spec: DataSpec, task: str) -> "Dataset":
    from edge_nas.data.loader import load_dataset

    return load_dataset(spec, task)


@dataclass(frozen=True)
class Pipeline:
    """A table of stages and the way data is read; the defaults are those of `build`."""

    stages: Sequence[Stage] = STAGES
    load: "Callable[[DataSpec, str], Dataset]" = _load

    def build(
        self,
        config: BuildConfig,
        run: Path | str | None,
        *,
        progress: Progress,
        from_stage: str | None = None,
        until_stage: str | None = None,
        fresh: bool = False,
    ) -> Result:
        """See `build`."""
        require_trusted(config)
        require_train("a build")
        selection = self._select(from_stage, until_stage)
        if fresh and from_stage is not None:
            raise ConfigError("--fresh removes the stages that --from needs: give one of the two")
        check_names(config, selection.wanted)
        path = Path(run) if run is not None else Path("runs") / _name(config)
        with open_run(path, fresh=fresh) as folder:
            walk = _Walk(
                self.stages, config, folder, LazyDataset(lambda: self.load(config.data, config.task)), progress
            )
            try:
                walk.go(selection)
            except BaseException as error:
                # The error goes on; a disk too full for result.json must not take its place.
                with suppress(ResourceError):
                    walk.conclude(failure_of(error, walk.at))
                raise
            return walk.conclude(None)

    def _select(self, from_stage: str | None, until_stage: str | None) -> "_Selection":
        names = [stage.name for stage in self.stages]
        for option, name in (("--from", from_stage), ("--until", until_stage)):
            if name is not None and name not in names:
                raise ConfigError(f"{option} {name}: unknown stage; stages: {', '.join(names)}")
        first = names.index(from_stage) if from_stage is not None else len(names)
        last = names.index(until_stage) if until_stage is not None else len(names) - 1
        if from_stage is not None and first > last:
            raise ConfigError(f"--from {from_stage} comes after --until {until_stage}; stages: {', '.join(names)}")
        return _Selection(
            wanted=tuple(names[: last + 1]),
            forced=frozenset(names[first : last + 1]),
            required=frozenset(names[:first]) if from_stage is not None else frozenset(),
        )


@dataclass(frozen=True)
class _Selection:
    """Stages to have finished at the end; to run although they are; that must be finished at the start."""

    wanted: tuple[str, ...]
    forced: frozenset[str]
    required: frozenset[str]


class _Walk:
    """One way through the table, under the lock of the run. `at`: the stage that is running."""

    def __init__(
        self, table: Sequence[Stage], config: BuildConfig, run: RunFolder, data: LazyDataset, progress: Progress
    ) -> None:
        self._table = table
        self._config = config
        self._settings = flat_settings(config.to_data())
        self._run = run
        self._data = data
        self._progress = progress
        self._finished: dict[str, Finished[Frozen]] = {}
        self.at: str | None = None

    @property
    def _finished_in_order(self) -> dict[str, Finished[Frozen]]:
        """What is finished, in the table's order: a stage that was run again comes after later ones in time."""
        return {stage.name: self._finished[stage.name] for stage in self._table if stage.name in self._finished}

    def go(self, selection: _Selection) -> None:
        """Brings the wanted stages to their end."""
        changes, before = self._changes(), self._run.manifest()
        self._find_finished(selection)
        self._note(changes, selection)
        self._note_outside(before, selection)
        self._run.write_config(self._config)
        to_run = [name for name in selection.wanted if name not in self._finished]
        if to_run:
            check_machine(self._config, self._run.path, to_run)
            self._run.remove_result()
        total = len(selection.wanted)
        for position, stage in enumerate(self._table[:total], 1):
            self.at = stage.name
            resumed = stage.name in self._finished
            if not resumed:
                self._progress.stage_started(stage.name, position, total)
                self._finished[stage.name] = self._execute(stage)
            finished = self._finished[stage.name]
            self._progress.stage_finished(stage.name, finished.seconds, resumed=resumed, output=finished.output)
        self.at = None
        # Last, so that everything is written, the report too: it says why the network is no good.
        if self._config.gates.trivial and total == len(self._table):
            check_above_trivial(self._result(None).evaluation)

    def conclude(self, failure: Failure | None) -> Result:
        """Writes manifest.json and result.json from what is finished."""
        artifacts: dict[str, str] = {}
        for finished in self._finished_in_order.values():
            artifacts |= finished.artifacts
        manifest = describe(
            self._config,
            # Not read only to be written here: where it is bad, reading it is what failed.
            dataset_sha256=self._data.dataset.sha256 if self._finished else None,
            stages={name: finished.key for name, finished in self._finished_in_order.items()},
            artifacts=artifacts,
        )
        result = self._result(failure)
        self._run.write_manifest(manifest)
        self._run.write_result(result)
        self._progress.finished(result)
        return result

    def _find_finished(self, selection: _Selection) -> None:
        """Reads back what is finished. A stage after one that has to run has to run as well."""
        for stage in self._table:
            ready = all(need in self._finished for need in stage.needs)
            if ready and stage.name not in selection.forced:
                key, warn = self._key(stage), self._progress.warning
                finished = self._run.load_finished(stage.folder, key, stage.output, warn)
                if finished is not None and not self._is_outdated(stage, finished.output, selection):
                    self._finished[stage.name] = finished
            if stage.name in selection.required and stage.name not in self._finished:
                raise ConfigError(
                    f"--from needs the stages before it, but {stage.name} is not finished with these settings, data "
                    f"and versions in {self._run.path}; run without --from"
                )

    def _is_outdated(self, stage: Stage, output: Frozen, selection: _Selection) -> bool:
        """Returns whether a stage that is to run, if it must, would come to more than it did."""
        if stage.name not in selection.wanted or stage.name in selection.required:
            return False
        reason = stage.outdated(output)
        if reason is not None:
            self._progress.note(f"{stage.name} runs again: {reason}")
        return reason is not None

    def _changes(self) -> dict[str, tuple[Any, Any]]:
        """Returns the settings that differ from the last build's."""
        try:
            before = self._run.config()
        except (ConfigError, UnsafeError) as error:
            self._progress.warning(f"the settings of the last build cannot be compared: {error}")
            return {}
        return changed_keys(before, self._config) if before is not None else {}

    def _note(self, changes: dict[str, tuple[Any, Any]], selection: _Selection) -> None:
        """Tells which settings differ from the last build's, and which stages run for it."""
        if not changes:
            return
        stale = [name for name in selection.wanted if name not in self._finished]
        shown = ", ".join(f"{key} {before!r} -> {after!r}" for key, (before, after) in changes.items())
        again = f"stages to run: {', '.join(stale)}" if stale else "no stage depends on that"
        self._progress.note(f"settings changed since the last build: {shown}; {again}")

    def _note_outside(self, before: Manifest | None, selection: _Selection) -> None:
        """Tells what else changed since the last build, where stages that it finished run again for it."""
        if before is None:
            return
        again = [name for name in selection.wanted if name in before.stages and name not in self._finished]
        changes = changes_since(before, self._data.dataset.sha256) if again else ()
        if changes:
            shown = f"changed since the last build: {'; '.join(changes)}"
            self._progress.note(f"{shown}; stages to run: {', '.join(again)}")

    def _execute(self, stage: Stage) -> Finished[Frozen]:
        key = self._key(stage)
        context = StageContext(
            stage,
            self._config,
            run=self._run,
            folder=self._run.begin(stage.folder),
            key=key,
            progress=self._progress,
            data=self._data,
            finished=self._finished,
        )
        start = perf_counter()
        with self._cleared_away(stage, context.folder):
            output = stage.function(context)
            return self._run.finish(
                stage.folder,
                output,
                stage=stage.name,
                key=key,
                seconds=perf_counter() - start,
                versions=current_versions(),
                published=context.published,
            )

    @contextmanager
    def _cleared_away(self, stage: Stage, folder: Path) -> Iterator[None]:
        """Leaves nothing of a stage that does not come to its end, but for what did not pass a gate: that is kept."""
        try:
            yield
        except (GateError, DivergedError) as error:
            kept = self._run.reject(stage.folder)
            raise type(error)(f"{error}\nwhat was made is kept in {kept}") from error
        except OSError as error:
            self._run.discard(stage.folder)
            if error.errno in atomic.DISK_ERRORS:
                with atomic.resource_errors(folder, "written"):
                    raise
            raise
        except BaseException as error:
            self._run.discard(stage.folder)
            if is_out_of_memory(error):
                advice = "close other programs, lower the batch sizes or take fewer or smaller images"
                raise ResourceError(f"stage {stage.name} ran out of memory; {advice}") from error
            raise

    def _key(self, stage: Stage) -> str:
        """Returns the hash of all that the stage's output depends on; the stages it needs are finished."""
        return sha256_data(
            {
                "stage": stage.name,
                "settings": {key: value for key, value in self._settings.items() if stage.declares(key)},
                "inputs": {need: self._finished[need].identity for need in stage.needs},
                # The task says what the labels mean, which their bytes alone do not.
                "data": {"task": self._config.task, "sha256": self._data.dataset.sha256},
                "outside_files": dict(stage.outside_files(stage.settings(self._config))),
                "sources": source_digest(),
                "versions": current_versions(),
            }
        )

    def _result(self, failure: Failure | None) -> Result:
        return assemble(
            self._config.name,
            [finished.output for finished in self._finished_in_order.values()],
            {name: finished.seconds for name, finished in self._finished_in_order.items()},
            failure,
        )


def _name(config: BuildConfig) -> str:
    if config.name is None:
        raise ConfigError("the configuration has no name; set name, or say where the run is to be (--run)")
    return config.name
