"""Latency of batch-1 inference on this machine: several subjects, timed in turn, so that all meet the same noise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from edge_nas.benchmarking.cores import held_to_cores
from edge_nas.core.config import BenchmarkSpec
from edge_nas.core.machine import machine_facts
from edge_nas.results.benchmark import BenchmarkOutput, BenchmarkReport

RuntimeName = Literal["keras", "litert", "onnxruntime", "tflm", "c"]
Progress = Callable[[int, int, str], None]

ROUNDS = 3


@dataclass(frozen=True)
class Subject:
    """Something to time; a call is one whole batch-1 inference, numpy array in, numpy array out.

    `time_calls(warmup, runs)` returns the nanoseconds of each of `runs` calls after `warmup` untimed ones.
    """

    runtime: RuntimeName
    model: str
    threads: int
    version: str
    time_calls: Callable[[int, int], list[int]]


def benchmark(spec: BenchmarkSpec, subjects: Sequence[Subject], progress: Progress) -> BenchmarkOutput:
    """Returns min, median and 90th percentile of each subject's latency over `spec.runs` timed calls.

    The calls are taken in three rounds over all subjects, so that a disturbance of seconds does not hit one subject
    alone. Every round of a subject begins with `spec.warmup` untimed calls. The process is held to as many cores as
    there are threads.

    Args:
        spec: how many calls; `threads` is how many threads the subjects were built with.
        subjects: what to time.
        progress: called as (rounds done, rounds in all, what is being timed).
    """
    rounds = [count for count in _split(spec.runs, ROUNDS) if count]
    total = len(rounds) * len(subjects)
    times: list[list[int]] = [[] for _ in subjects]
    done = 0
    with held_to_cores(spec.threads) as cores:
        for runs in rounds:
            for subject, taken in zip(subjects, times, strict=True):
                progress(done, total, f"{subject.runtime} {subject.model}")
                taken.extend(subject.time_calls(spec.warmup, runs))
                done += 1
    progress(done, total, "timed")
    reports = tuple(_report(subject, taken) for subject, taken in zip(subjects, times, strict=True))
    return BenchmarkOutput(benchmarks=reports, machine=machine_facts() | {"held_to_cores": cores})


def _split(total: int, parts: int) -> list[int]:
    """Returns `parts` counts that differ by at most one and add up to `total`."""
    return [total // parts + (i < total % parts) for i in range(parts)]


def _report(subject: Subject, nanoseconds: list[int]) -> BenchmarkReport:
    fastest, median, slow = np.percentile(np.array(nanoseconds, np.float64) / 1e6, [0, 50, 90])
    return BenchmarkReport(
        runtime=subject.runtime,
        model=subject.model,
        threads=subject.threads,
        min_ms=float(fastest),
        p50_ms=float(median),
        p90_ms=float(slow),
        runs=len(nanoseconds),
        runtime_version=subject.version,
    )
