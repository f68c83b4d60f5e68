"""A network, its C, and a report on it as if a Cortex-M4 had been emulated."""

from dataclasses import dataclass
from typing import Any

import pytest

from edge_nas.codegen import compile_tflite
from edge_nas.results.compile import CompiledModel
from edge_nas.results.verify import CoreReport, Rung, VerificationReport


@dataclass(frozen=True)
class Verified:
    """What `make_bundle` is given besides a board and a folder."""

    data: bytes
    compiled: CompiledModel
    report: VerificationReport


@pytest.fixture(scope="session")
def verified(tiny_models: Any) -> Verified:
    data = tiny_models.int8_tflite.read_bytes()
    compiled = compile_tflite(data)
    cores = {
        "cortex-m4": CoreReport(
            bytes_equal=True,
            inputs=10,
            instructions=60_000,
            instructions_min=59_000,
            flash_bytes=4000,
            ram_bytes=1000,
            stack_bytes=200,
            arena_bytes=900,
            tools={},
        ),
        "cortex-m7": CoreReport(bytes_equal=None, inputs=0, skipped="qemu-system-arm is missing"),
    }
    rungs = (
        Rung(name="numpy interpreter", inputs=50),
        Rung(name="tflite-micro", inputs=0, skipped="not installed"),
        Rung(name="another one", inputs=50, equal_share=0.75, max_difference=1),
    )
    return Verified(data, compiled, VerificationReport(model_sha256=compiled.model_sha256, rungs=rungs, cores=cores))
