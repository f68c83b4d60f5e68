"""Where trials run, on a cluster: workers of Dask behind the interface of `concurrent.futures`.

    dask://local?workers=4      a cluster of this machine's processes, which listens to nobody else
    dask://10.0.0.5:8786        a scheduler that runs already, started by hand, by Slurm or by Kubernetes
    dask://10.0.0.5:8786?workers=100    the same, and the search begins when so many workers are there

A worker's process takes one trial at a time. Workers may come and go: a trial whose worker died comes back as lost and
is begun anew by the coordinator, as on one machine. All of them have to see the run's folder and the data under the
same paths, and to have this version of the package and the tools that count on the boards' cores. All that but the data
is looked at before anything is trained; data has its hash compared in every worker. Who can reach a Dask scheduler can
run code on its workers: there is no password.
"""

import functools
import re
import secrets
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, ParamSpec, TypeVar

from edge_nas.core import interrupts
from edge_nas.core.installed import install_command
from edge_nas.core.versions import source_digest
from edge_nas.emulation import cores_to_emulate
from edge_nas.errors import ConfigError, ResourceError
from edge_nas.runs.progress import Progress
from edge_nas.search.executors import WorkerLostError, kill_children
from edge_nas.search.journal import JOURNAL

P = ParamSpec("P")
T = TypeVar("T")

SCHEME = "dask://"
_LOCAL = re.compile(r"dask://local(?:\?workers=([1-9]\d{0,3}))?")
_REMOTE = re.compile(r"dask://([\w.\-]+|\[[0-9a-fA-F:]+\]):(\d{1,5})(?:\?workers=([1-9]\d{0,3}))?")
_CONNECT_S = 30.0
_LOOK_S = 0.2
_HAND_OUT_S = 0.5
_FETCH_S = 60.0
"""For a result of a few bytes; Dask computes a lost one again, and nothing else would be told meanwhile."""
_LOOPBACK = "127.0.0.1"


class DaskWorkers(Executor):
    """The workers of a Dask client.

    Dask is given no more calls than it has workers: when one dies, it tells of all that it had been given that they
    were lost, begun or not, and a call that waits behind one that kills its workers would be given up as well.

    Args:
        client: connected, `distributed.Client`.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._folder: Path | None = None
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Callable[[], Any], _Bridged[Any]]] = deque()
        self._running: set[Any] = set()
        self._closed = threading.Event()
        # Workers that join are given something within a moment, and not only when a call has ended.
        threading.Thread(target=self._hand_out_for_ever, name="dask", daemon=True).start()

    @property
    def count(self) -> int:
        """Threads of all workers that there are now, each of which takes a trial at a time."""
        return sum(self._client.nthreads().values())

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Returns the future of a call in one of the workers; a worker that dies makes it a WorkerLostError."""
        ours: _Bridged[T] = _Bridged()
        call = functools.partial(_as_here, source_digest(), self._folder, functools.partial(fn, *args, **kwargs))
        with self._lock:
            self._waiting.append((call, ours))
        self._hand_out()
        return ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Gives up what runs, where it is not waited for, and lets go of the cluster."""
        while wait and not cancel_futures and (self._waiting or self._running):
            sleep(_LOOK_S)
        self.stop()
        self._client.close()

    def stop(self) -> None:
        """Gives Dask nothing any more."""
        self._closed.set()

    def kill(self) -> None:
        """Ends the processes of a cluster of this machine at once; workers of others are left alone."""
        if self._client.cluster is not None:
            kill_children()

    def _hand_out_for_ever(self) -> None:
        while not self._closed.wait(_HAND_OUT_S):
            self._hand_out()

    def _hand_out(self) -> None:
        """Gives Dask what waits, up to a call for each worker."""
        with self._lock:
            free = self._free
            if free is None:
                while self._waiting:
                    _, ours = self._waiting.popleft()
                    if ours.set_running_or_notify_cancel():
                        ours.set_exception(_gone())
                return
            while self._waiting and free > 0:
                call, ours = self._waiting.popleft()
                if ours.cancelled():
                    continue
                # Not pure: a call that was lost is another one when it is begun again. Who counts losses is the
                # coordinator.
                try:
                    theirs = self._client.submit(call, pure=False, retries=0)
                except Exception as error:  # nobody else knows of it any more
                    if ours.set_running_or_notify_cancel():
                        ours.set_exception(error)
                    continue
                ours.stands_for(theirs)
                self._running.add(theirs)
                free -= 1
                theirs.add_done_callback(functools.partial(self._hand_over, ours))

    @property
    def _free(self) -> int | None:
        """How many workers have no call; None: there is no scheduler to ask."""
        if not self._waiting:
            return 0
        try:
            return self.count - len(self._running) if self._client.status == "running" else None
        except OSError:  # the connection broke at this moment
            return None

    def require_ready(self, folder: Path, cores: Sequence[str]) -> None:
        """Refuses workers that cannot do what a search asks of them.

        Args:
            folder: in which they are to write.
            cores: on which they are to count.

        Raises:
            ConfigError: a worker has another version of the package, does not see the folder, or has several threads;
                names it.
            ResourceError: a worker lacks a tool that counts on one of the cores; names both.
        """
        for worker, threads in sorted(self._client.nthreads().items()):
            if threads != 1:
                raise ConfigError(
                    f"worker {worker}: it has {threads} threads, and TensorFlow is not made for several trainings in "
                    "one process; start it with: dask worker --nthreads 1 HOST:PORT"
                )
        token = secrets.token_hex(8)
        mark = folder / f".shared-{token}"
        mark.write_text(token, encoding="utf-8")
        try:
            answers = self._client.run(_answer, str(mark.resolve()), tuple(cores), on_error="return")
        finally:
            mark.unlink()
        for worker, answer in sorted(answers.items()):
            if isinstance(answer, BaseException):
                raise ConfigError(f"worker {worker}: edge-nas does not run there: {answer}; install it as it is here")
            digest, seen, lack = answer
            if digest != source_digest():
                raise ConfigError(f"worker {worker}: it has another version of edge-nas; install the one that is here")
            if seen != token:
                raise ConfigError(
                    f"worker {worker}: it does not see {folder.resolve()}; name a --run that all machines share"
                )
            if lack is not None:
                raise ResourceError(f"worker {worker}: {lack}")
        self._folder = folder.resolve()

    def _hand_over(self, ours: "_Bridged[T]", theirs: Any) -> None:
        """Tells our future what became of Dask's, which then is let go of.

        A result that somebody holds on to would be computed again when the worker dies that has it.
        """
        with self._lock:
            self._running.discard(theirs)
        try:
            self._tell(ours, theirs)
        finally:
            theirs.release()
        self._hand_out()

    def _tell(self, ours: "_Bridged[T]", theirs: Any) -> None:
        if not ours.set_running_or_notify_cancel():
            return
        if theirs.status == "finished":
            try:
                ours.set_result(theirs.result(timeout=_FETCH_S))
            except Exception as error:  # its worker died while the result was fetched, or the scheduler did
                is_there = self._client.status == "running"
                ours.set_exception(WorkerLostError(f"the result was lost: {error}") if is_there else _gone())
        elif theirs.status == "error":
            ours.set_exception(_as_loss(theirs.exception()))
        elif theirs.status == "cancelled":  # by Dask, whose scheduler is gone: no worker has died of it
            ours.set_exception(_gone())
        else:
            ours.set_exception(WorkerLostError(f"the worker that had its result has died: {theirs.status}"))


class _Bridged(Future[T]):
    """A future that stands for one of Dask's from the moment in which that is made; both are cancelled together."""

    def __init__(self) -> None:
        super().__init__()
        self._theirs: Any = None

    def stands_for(self, theirs: Any) -> None:
        """Says which of Dask's it is."""
        self._theirs = theirs

    def cancel(self) -> bool:
        """Cancels both, unless it runs already; returns whether that was in time."""
        cancelled = super().cancel()
        if cancelled and self._theirs is not None:
            self._theirs.cancel()
        return cancelled


def _gone() -> ResourceError:
    return ResourceError(
        "the scheduler of the cluster does not answer any more; start it and its workers again, and repeat the command"
    )


def _as_here(digest: str, folder: Path | None, call: Callable[[], T]) -> T:
    """Returns what a call returns, in a worker that may have joined after the others were looked at."""
    from distributed import get_worker

    threads = get_worker().state.nthreads
    if threads != 1:
        raise ResourceError(f"the worker on {socket.gethostname()} has {threads} threads; start it with --nthreads 1")
    if source_digest() != digest:
        raise ResourceError(f"the worker on {socket.gethostname()} has another version of edge-nas; install this one")
    if folder is not None and not (folder / JOURNAL).is_file():
        raise ResourceError(f"the worker on {socket.gethostname()} does not see {folder}, which all machines share")
    return call()


def _as_loss(error: BaseException) -> BaseException:
    """Returns what a trial raised; a WorkerLostError where it raised nothing, because its worker died."""
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return WorkerLostError(f"worker {error.last_worker.address} has died")
    return error


@contextmanager
def dask_workers(where: str, progress: Progress) -> Iterator[DaskWorkers]:
    """Yields the workers that `dask://...` means, as the module says.

    Args:
        where: what --executor says.
        progress: who is told how many workers are still waited for.

    Raises:
        ConfigError: it means nothing.
        ResourceError: Dask is not installed, or nobody answers.
    """
    local, remote = _LOCAL.fullmatch(where), _REMOTE.fullmatch(where)
    if local is None and remote is None:
        raise ConfigError(
            f"--executor is {where!r}; allowed: dask://local?workers=N, dask://HOST:PORT, dask://HOST:PORT?workers=N"
        )
    try:
        import dask
        import distributed
    except ImportError as error:
        raise ResourceError(
            f"--executor {where} needs Dask, and that is not installed: {install_command('search')}"
        ) from error
    if local is not None:
        count = int(local[1] or 1)
        # A trial that ends its worker comes back as lost at once: who tries again, and how often, is the coordinator.
        with (
            dask.config.set({"distributed.scheduler.allowed-failures": 0}),
            distributed.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                host=_LOOPBACK,
                dashboard_address=f"{_LOOPBACK}:0",  # None would have it listen to everybody
                silence_logs="CRITICAL",
                memory_limit=0,  # Dask would pause and end workers that hold as much as TensorFlow does
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            client.register_plugin(_leave_interrupts(distributed.WorkerPlugin))
            with _handing_out(client) as workers:
                yield workers
    elif remote is not None:
        # Without a protocol: Dask's own configuration may ask for tls://.
        address = f"{remote[1]}:{remote[2]}"
        try:
            client = distributed.Client(address, timeout=_CONNECT_S)
        except (OSError, TimeoutError, RuntimeError) as error:  # RuntimeError: its configuration refuses the protocol
            raise ResourceError(f"--executor {where}: no scheduler answers at {address}: {error}") from error
        with client:
            _wait_for_workers(client, where, None if remote[3] is None else int(remote[3]), progress)
            with _handing_out(client) as workers:
                yield workers


@contextmanager
def _handing_out(client: Any) -> Iterator[DaskWorkers]:
    """Yields the workers of a client, which are given nothing any more after the block."""
    workers = DaskWorkers(client)
    try:
        yield workers
    finally:
        workers.stop()


def _wait_for_workers(client: Any, where: str, count: int | None, progress: Progress) -> None:
    """Waits until so many workers are there, however long; where no number was named, half a minute for one."""
    end = None if count is not None else monotonic() + _CONNECT_S
    seen = -1
    while (there := len(client.nthreads())) < (count or 1):
        interrupts.look()
        if end is not None and monotonic() > end:
            raise ResourceError(
                f"--executor {where}: the scheduler has no worker after {_CONNECT_S:g} s; start some: dask worker "
                "--nthreads 1 HOST:PORT; or name how many are waited for: dask://HOST:PORT?workers=N"
            )
        if count is not None and there != seen:
            progress.note(f"{there} of {count} workers are there; the search begins when all are")
            seen = there
        sleep(_LOOK_S)


def _leave_interrupts(base: Any) -> Any:
    """Returns a plugin by which workers leave Ctrl-C to the coordinator: ended by it, they would count as lost."""

    class LeaveInterrupts(base):
        def setup(self, worker: Any) -> None:  # noqa: ARG002 - Dask calls it so
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    return LeaveInterrupts()


def _answer(mark: str, cores: tuple[str, ...]) -> tuple[str, str | None, str | None]:
    """Returns, in a worker, what its package is, what it sees in a file, and what it lacks for counting on cores."""
    try:
        seen: str | None = Path(mark).read_text(encoding="utf-8")
    except OSError:
        seen = None
    try:
        cores_to_emulate(cores)
    except ResourceError as error:
        return source_digest(), seen, str(error)
    return source_digest(), seen, None
