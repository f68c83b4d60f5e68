"""A process of its own that times a Keras network: TensorFlow sets its threads and kernels once per process.

The build trains with as many threads as there are cores and with oneDNN on. For batch 1 that says little about what a
user of Keras gets: measured on an AMD EPYC, a 4k-parameter network takes 2 ms with TensorFlow's own kernels and 20 ms
with oneDNN's. So this process holds itself to `threads` cores and leaves TensorFlow's choice of kernels to TensorFlow.

It prints "ready VERSION", then for each line "WARMUP RUNS" it reads, a JSON list of nanoseconds.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_nas.benchmarking.timing import time_calls
from edge_nas.core.processes import child_environment, killed_with_us, python_module
from edge_nas.errors import EdgeNasError


class KerasProcess:
    """The process as its parent sees it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.version = self._answer().removeprefix("ready ")

    def time_calls(self, warmup: int, runs: int) -> list[int]:
        """Returns the nanoseconds of each of `runs` batch-1 inferences, after `warmup` untimed ones."""
        if self._process.stdin is None:
            raise EdgeNasError("the process that times Keras has no input")
        print(warmup, runs, file=self._process.stdin, flush=True)
        return [int(value) for value in json.loads(self._answer())]

    def _answer(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            code = self._process.wait()
            raise EdgeNasError(f"the process that times Keras ended with exit code {code} before it answered")
        return line.strip()


@contextmanager
def keras_process(path: Path, threads: int) -> Iterator[KerasProcess]:
    """Yields a process that has the network stored at `path` ready on `threads` cores; it ends with the context.

    Raises:
        EdgeNasError: it ends before it answers.
    """
    environment = child_environment(TF_CPP_MIN_LOG_LEVEL="3")
    environment.pop("TF_ENABLE_ONEDNN_OPTS", None)
    command = python_module("edge_nas.benchmarking.kerasprocess", str(path), str(threads))
    process = subprocess.Popen(  # noqa: S603 - our own module and a path that is never a command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    with process, killed_with_us(process):
        try:
            yield KerasProcess(process)
        finally:
            process.kill()


def _serve(path: Path, threads: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
    os.environ.pop("TF_ENABLE_ONEDNN_OPTS", None)  # set by `import edge_nas`, for training
    import tensorflow as tf

    from edge_nas.models.files import load_model
    from edge_nas.runtimes.keras import KerasRuntime

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    runtime = KerasRuntime(load_model(path))
    print("ready", runtime.version, flush=True)
    for line in sys.stdin:
        warmup, runs = map(int, line.split())
        print(json.dumps(time_calls(runtime.invoke_once, warmup, runs)), flush=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
