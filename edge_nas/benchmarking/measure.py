"""Latency of batch-1 inference on this machine: several models, timed in turn, so that all meet the same noise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from edge_nas.benchmarking.cores import held_to_cores
from edge_nas.core.config import BenchmarkSpec
from edge_nas.core.machine import machine_facts
from edge_nas.results.benchmark import BenchmarkOutput, BenchmarkReport
from edge_nas.runs.progress import Tick, no_tick

RuntimeName = Literal["keras", "litert", "onnxruntime", "tflm", "c"]

ROUNDS = 3
"""So that a disturbance of seconds does not hit one model alone; more would take more untimed calls."""


@dataclass(frozen=True)
class TimedModel:
    """Something to time; a call is one whole batch-1 inference, numpy array in, numpy array out.

    `time_calls(warmup, runs)` returns the nanoseconds of each of `runs` calls after `warmup` untimed ones.
    """

    runtime: RuntimeName
    name: str
    threads: int
    version: str
    time_calls: Callable[[int, int], list[int]]


def benchmark(spec: BenchmarkSpec, models: Sequence[TimedModel], tick: Tick = no_tick) -> BenchmarkOutput:
    """Returns min, median and 90th percentile of each model's latency over `spec.runs` timed calls.

    The calls are taken in `ROUNDS` rounds over all models. Every round of a model begins with `spec.warmup` untimed
    calls. The process is held to as many cores as there are threads.

    Args:
        spec: how many calls; `threads` is how many threads the models were opened with.
        models: what to time.
        tick: told what is being timed, the rounds that are over, and the rounds of all models.
    """
    rounds = [count for count in _split(spec.runs, ROUNDS) if count]
    total = len(rounds) * len(models)
    nanoseconds: list[list[int]] = [[] for _ in models]
    done = 0
    with held_to_cores(spec.threads) as cores:
        for runs in rounds:
            for model, times in zip(models, nanoseconds, strict=True):
                tick(f"{model.runtime} {model.name}", done, total)
                times.extend(model.time_calls(spec.warmup, runs))
                done += 1
    tick("timed", done, total)
    reports = [_report(model, times) for model, times in zip(models, nanoseconds, strict=True)]
    return BenchmarkOutput(benchmarks=tuple(reports), machine=machine_facts() | {"held_to_cores": cores})


def _split(total: int, parts: int) -> list[int]:
    """Returns `parts` counts that differ by at most one and add up to `total`."""
    return [total // parts + (i < total % parts) for i in range(parts)]


def _report(model: TimedModel, nanoseconds: list[int]) -> BenchmarkReport:
    fastest, median, slow = np.percentile(np.array(nanoseconds, np.float64) / 1e6, [0, 50, 90])
    return BenchmarkReport(
        runtime=model.runtime,
        model=model.name,
        threads=model.threads,
        min_ms=float(fastest),
        p50_ms=float(median),
        p90_ms=float(slow),
        runs=len(nanoseconds),
        runtime_version=model.version,
    )
