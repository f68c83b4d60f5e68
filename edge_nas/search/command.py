"""A search in a run: its folder, who may work there, and what it leaves; `edge-nas search` from Python.

with workforce_of("local") as workforce:
    front = run_search(config, Request(boards=("stm32l4r5",)), Path("runs/mine"), workforce, Silent())
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_nas.checks.machine import check_machine
from edge_nas.checks.names import check_names
from edge_nas.core import atomic
from edge_nas.core.config import BuildConfig
from edge_nas.core.trust import require_trusted
from edge_nas.data.cautions import cautions
from edge_nas.data.loader import load_dataset
from edge_nas.errors import ConfigError, GateError
from edge_nas.results.front import Front
from edge_nas.results.search import SearchStory
from edge_nas.runs.folder import open_run
from edge_nas.runs.names import SEARCH
from edge_nas.runs.progress import Progress, Silent
from edge_nas.search.cluster import SCHEME, DaskWorkers, dask_workers
from edge_nas.search.executors import LocalWorkers
from edge_nas.search.publishing import publish, story_of
from edge_nas.search.request import Boards, Request
from edge_nas.search.whole import Workforce, search

_LOCAL = re.compile(r"local(?:\?workers=([1-9]\d{0,3}))?")
_STAGES = ("train", "quantize", "compile", "verify")
"""Of a build, those whose work a search does: what they need of names and machine is looked at before."""


@contextmanager
def workforce_of(where: str, progress: Progress | None = None) -> Iterator[Workforce]:
    """Yields what --executor means: `local`, a process for each processor core, `local?workers=N`, or `dask://...`.

    Args:
        where: what it says.
        progress: who is told what is waited for; None: nobody.

    Raises:
        ConfigError: it means nothing.
        ResourceError: Dask is not installed, or nobody answers.
    """
    if where.startswith(SCHEME):
        with dask_workers(where, progress or Silent()) as cluster:
            yield Workforce(cluster, cluster.count)
        return
    match = _LOCAL.fullmatch(where)
    if match is None:
        raise ConfigError(
            f"--executor is {where!r}; allowed: local, local?workers=N, dask://local?workers=N, dask://HOST:PORT, "
            "dask://HOST:PORT?workers=N"
        )
    workers = int(match[1]) if match[1] else len(os.sched_getaffinity(0))
    executor = LocalWorkers(workers)
    try:
        yield Workforce(executor, workers)
    finally:
        executor.shutdown(cancel_futures=True)


def run_search(config: BuildConfig, request: Request, run: Path, workforce: Workforce, progress: Progress) -> Front:
    """Searches in a run, and returns what stands in its `search/front.json`.

    Args:
        config: data, training, quantization, and the section search.
        request: boards, limits and time.
        run: the run's folder; a search there with the same arguments goes on.
        workforce: where trainings run.
        progress: who is told how far the search is.

    Raises:
        UntrustedCodeError: the configuration names code of a file that nobody trusts.
        InfeasibleError: no network can keep the limits; says which limit, and the least reachable value.
        GateError: no network that was finished keeps the limits as counted; the story says why.
        EdgeNasError: any other.
        KeyboardInterrupt: Ctrl-C; the same call goes on.
    """
    require_trusted(config)
    boards = Boards(request)
    for problem in boards.missing:
        progress.warning(problem)
    check_names(config, ("train", "verify"))
    check_machine(config, run, _STAGES)
    dataset = load_dataset(config.data, config.task)
    for caution in cautions(dataset):
        progress.warning(caution)
    folder = run / SEARCH
    with open_run(run):
        atomic.make_folder(folder)
        if isinstance(workforce.executor, DaskWorkers):
            # A worker's current folder is another one.
            folder = folder.resolve()
            workforce.executor.require_ready(folder, [limits.core for limits in boards.limits])
        found = search(config, boards, dataset, folder, workforce=workforce, progress=progress)
        story = story_of(
            found,
            name=str(config.name),
            heading=dataset.task.score[1],
            dataset_sha256=dataset.sha256,
            seed=config.seed,
        )
        front = publish(story, folder)
    if not front.networks:
        raise GateError(_nothing(story))
    return front


def _nothing(story: SearchStory) -> str:
    """Says why there is no network on any front."""
    if not story.finals:
        return (
            "search: no network was finished: those that were trained are over the limits, and no narrowing came to "
            "anything; allow more, or give the search more time"
        )
    reasons = dict.fromkeys(f"{placement.board}: {placement.why_not}" for placement in story.placements)
    return (
        f"search: none of {len(story.finals)} finished networks can be returned: {'; '.join(reasons)}; allow more, or "
        "give the search more time"
    )
