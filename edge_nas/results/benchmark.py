"""What stage benchmark hands on: latencies on this machine."""

from typing import Literal

from pydantic import Field

from edge_nas.core.frozen import Frozen


class BenchmarkReport(Frozen):
    """Latency of one runtime on one model file, batch 1: quantiles in ms over `runs` timed calls."""

    runtime: Literal["keras", "litert", "onnxruntime", "tflm", "c"]
    model: str
    threads: int
    min_ms: float
    p50_ms: float
    p90_ms: float
    runs: int = Field(gt=0)
    runtime_version: str


class BenchmarkOutput(Frozen):
    """Latencies and the facts of the machine they were taken on."""

    benchmarks: tuple[BenchmarkReport, ...]
    machine: dict[str, str]
