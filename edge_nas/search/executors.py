"""Where trials run: long-lived processes of this machine, behind the interface of `concurrent.futures`.

Each worker is a process of its own, begun anew and not forked: TensorFlow does not survive a fork, and is imported once
for many trials. A worker that dies takes only its own trial along, which is known by name; the pools of the
standard library tell all trials that one was lost, and not which.
"""

import atexit
import functools
import multiprocessing
import os
import queue
import signal
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from edge_nas.core.temporary import temporary_folder
from edge_nas.errors import ResourceError

P = ParamSpec("P")
T = TypeVar("T")

JOBS_PER_PROCESS = 24
"""Before a process gives way to a new one. TensorFlow 2.21 keeps some of every network that it has trained, 30 to 60 MB
where they are small, whatever is cleared; to import it again takes a hundredth of so many trainings."""


class WorkerLostError(BrokenExecutor):
    """The process that a trial ran in has died; the executor goes on with another one."""


class LocalWorkers(Executor):
    """So many processes, which start when they are first needed and end with `shutdown`, or after so many jobs.

    Args:
        count: processes, 1 at least.
        jobs_per_process: before another process takes its place.
    """

    def __init__(self, count: int, jobs_per_process: int = JOBS_PER_PROCESS) -> None:
        self.count = count
        self._jobs_per_process = jobs_per_process
        self._workers = [_Worker() for _ in range(count)]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        # A thread waits for each process; what is submitted beyond them waits in the order in which it came.
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="search")

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Returns the future of a call in one of the processes; a process that dies makes it a WorkerLostError."""
        return self._threads.submit(self._in_a_process, functools.partial(fn, *args, **kwargs))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends the processes; with `cancel_futures` calls that have not begun are given up."""
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        while not self._idle.empty():
            self._idle.get().process.shutdown(wait=wait)

    def kill(self) -> None:
        """Ends the processes at once, whatever they are doing."""
        for worker in self._workers:
            # Python 3.14 has kill_workers for this.
            for process in list((worker.process._processes or {}).values()):
                process.kill()

    def _in_a_process(self, call: Callable[[], T]) -> T:
        worker = self._idle.get()
        try:
            try:
                future = worker.process.submit(call)
            except BrokenProcessPool:  # it has died since its last job
                worker.begin_anew()
                future = worker.process.submit(call)
            worker.jobs += 1
            return future.result()
        except BrokenProcessPool as error:
            worker.begin_anew()
            raise WorkerLostError("the worker process has died") from error
        finally:
            if worker.jobs >= self._jobs_per_process:
                worker.begin_anew()
            self._idle.put(worker)


def kill_children() -> None:
    """Ends all processes at once that this one has begun by `multiprocessing`."""
    for process in multiprocessing.active_children():
        process.kill()


def _one_process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin_worker)


@dataclass
class _Worker:
    """A process, which starts with its first job, and how many it has had."""

    process: ProcessPoolExecutor = field(default_factory=_one_process)
    jobs: int = 0

    def begin_anew(self) -> None:
        """Lets the process end, and has another one take its place."""
        self.process.shutdown(wait=False)
        self.process, self.jobs = _one_process(), 0


def _begin_worker() -> None:
    """Leaves Ctrl-C to the coordinator, and ends with it: a worker holds its own queue open and would wait for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    with suppress(ResourceError):  # a job that needs temporary files says so
        _take_temporary_folder()


def _take_temporary_folder() -> None:
    """Has temporary files lie in a folder that goes with the process: a killed TensorFlow leaves its own behind."""
    stack = ExitStack()
    folder = str(stack.enter_context(temporary_folder()))
    atexit.register(stack.close)
    os.environ["TMPDIR"] = tempfile.tempdir = folder


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
