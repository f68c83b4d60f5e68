"""The ladder: each rung is another program that must give the reference kernels' bytes."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from edge_nas.core.compiled import CompiledModel
from edge_nas.core.config import VerifySpec
from edge_nas.core.hashing import sha256_bytes
from edge_nas.core.verification import CoreReport, Rung, StepInstructions, VerificationReport
from edge_nas.emulation import (
    CORES,
    EmulatedCore,
    TooLargeError,
    find_core,
    install_advice,
    missing_tools,
    run_on_core,
    run_on_host,
)
from edge_nas.emulation.cores import OPTIMIZATION
from edge_nas.emulation.frames import Frames, make_frames
from edge_nas.emulation.profile import StepsUnclearError, steps_on_core
from edge_nas.emulation.tools import HOST_GCC, tool_version
from edge_nas.errors import GateError, ResourceError
from edge_nas.int8.graph import read_tflite
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.runtimes import tflm
from edge_nas.runtimes.litert import LitertRuntime
from edge_nas.verification.differences import Codes, require_equal

_SANITIZED, _SHIPPED = "generated C with sanitizers", "generated C on this machine"

Step = Callable[[str, int, int], None]


def verify_model(
    spec: VerifySpec, data: bytes, compiled: CompiledModel, *, source: str, step: Step | None = None
) -> VerificationReport:
    """Returns what it took to show that every program of ours gives the bytes of TFLite's reference kernels.

    The rungs: the numpy interpreter, tflite-micro (which is only compared: it is not ours), the generated C on this
    machine with sanitizers, then as it is shipped, on more frames, then on each core. The reference kernels compute
    every frame that any of them gets, which for small networks takes the most time: about 2 s for each million MACs.
    A rung whose tool is missing is listed as skipped, and so is a core whose machine is too small; a core that
    `spec.cores` names must run. Instructions per step are counted on the cores of `spec.step_cores`.

    Args:
        spec: how many inputs, which cores.
        data: the .tflite file.
        compiled: the C that was generated of it.
        source: what to call the file in messages.
        step: is told (what, done, total).

    Raises:
        GateError: a byte differs; the C belongs to another file, does not compile or does not end.
        ConfigError: an unknown core.
        ResourceError: a core is named whose compiler or emulator is missing.
        ArtifactError: the file cannot be read.
    """
    cores = [find_core(name) for name in (CORES if spec.cores is None else spec.cores)]
    if spec.cores is not None:
        _require_tools(cores)
    sha256 = sha256_bytes(data)
    if compiled.model_sha256 != sha256:
        raise GateError(
            f"{source}: the C was generated from another file (sha256 {compiled.model_sha256[:12]}..., "
            f"this one has {sha256[:12]}...); compile it again"
        )
    step = step or _nobody
    total = 5 + len(cores)
    step("reference kernels", 0, total)
    reference = LitertRuntime(data, reference=True, source=source)
    frames = make_frames(reference.input_spec.shape[1:], max(spec.inputs, spec.slow_inputs, spec.core_inputs))
    expected = reference.run_int8(frames.codes)
    few, few_expected = _first(frames, spec.slow_inputs), expected[: spec.slow_inputs]
    step("numpy interpreter", 1, total)
    require_equal(few_expected, _interpreted(data, source, few.codes), few.kinds, "numpy interpreter")
    rungs = [Rung(name="numpy interpreter", inputs=len(few.codes), versions={"numpy": np.__version__})]
    step("tflite-micro", 2, total)
    rungs.append(_tflm_rung(data, few, few_expected))
    with TemporaryDirectory(prefix="edge-nas-") as folder:
        sources = Path(folder)
        for file in compiled.files:
            (sources / file.name).write_text(file.text, encoding="utf-8")
        step(_SANITIZED, 3, total)
        rungs.append(_host_rung(_SANITIZED, sources, few, few_expected, sanitize=True))
        step(_SHIPPED, 4, total)
        rungs.append(
            _host_rung(_SHIPPED, sources, _first(frames, spec.inputs), expected[: spec.inputs], sanitize=False)
        )
        reports = {}
        for number, core in enumerate(cores):
            step(core.name, 5 + number, total)
            try:
                found = _core_report(core, sources, frames, expected, spec.core_inputs)
            except TooLargeError as error:
                if spec.cores is not None:
                    raise
                found = CoreReport(bytes_equal=None, inputs=0, skipped=str(error))
            counts_steps = core.name in spec.step_cores and found.skipped is None
            reports[core.name] = _with_steps(found, core, compiled, frames) if counts_steps else found
    step("verified", total, total)
    return VerificationReport(
        model_sha256=sha256,
        reference=f"TFLite's reference kernels in ai-edge-litert {reference.version}, on {len(frames.codes):,} inputs",
        rungs=tuple(rungs),
        cores=reports,
    )


def skipped_core(core: EmulatedCore) -> CoreReport:
    """Returns the report on a core whose compiler or emulator is missing: what to install."""
    missing = missing_tools(core)
    names = " and ".join(tool.program for tool in missing)
    return CoreReport(
        bytes_equal=None,
        inputs=0,
        skipped=f"{names} is missing; {install_advice(missing)}",
        missing=tuple(tool.program for tool in missing),
    )


def _nobody(what: str, done: int, total: int) -> None:
    del what, done, total


def _require_tools(cores: list[EmulatedCore]) -> None:
    for core in cores:
        missing = missing_tools(core)
        if missing:
            names = " and ".join(tool.program for tool in missing)
            raise ResourceError(f"{core.name} is asked for, but {names} is missing; {install_advice(missing)}")


def _first(frames: Frames, count: int) -> Frames:
    return Frames(frames.kinds[:count], frames.codes[:count])


def _interpreted(data: bytes, source: str, codes: Codes) -> Codes:
    return Int8Interpreter(read_tflite(data, source)).run(codes)


def _tflm_rung(data: bytes, frames: Frames, expected: Codes) -> Rung:
    if not tflm.installed():
        advice = f"not installed; {tflm.INSTALL_ADVICE}"
        return Rung(name=tflm.NAME, inputs=0, skipped=advice, missing=(tflm.PACKAGE,))
    # Not required to be equal: where the two libraries of others differ (seen in fully connected layers, by one), the
    # reference kernels are what this project computes.
    seen = tflm.run_int8(data, frames.codes)
    difference = np.abs(seen.astype(np.int16) - expected)
    return Rung(
        name=tflm.NAME,
        inputs=len(expected),
        equal_share=float(np.mean(difference == 0)),
        max_difference=int(difference.max()),
        versions={tflm.PACKAGE: tflm.version()},
    )


def _host_rung(name: str, sources: Path, frames: Frames, expected: Codes, *, sanitize: bool) -> Rung:
    if HOST_GCC.path is None:
        advice = f"gcc is missing; {install_advice((HOST_GCC,))}"
        return Rung(name=name, inputs=0, skipped=advice, missing=(HOST_GCC.program,))
    # With sanitizers a low level compiles faster and keeps more to look at.
    seen = run_on_host(sources, frames.codes, sanitize=sanitize, optimization="-O1" if sanitize else OPTIMIZATION)
    require_equal(expected, seen, frames.kinds, name)
    return Rung(name=name, inputs=len(expected), versions={HOST_GCC.program: tool_version(HOST_GCC)})


def _core_report(core: EmulatedCore, sources: Path, frames: Frames, expected: Codes, inputs: int) -> CoreReport:
    if missing_tools(core):
        return skipped_core(core)
    run = run_on_core(core, sources, frames.codes[:inputs])
    require_equal(expected[:inputs], run.outputs, frames.kinds, core.name)
    return CoreReport(
        bytes_equal=True,
        inputs=inputs,
        instructions=max(run.instructions),
        instructions_min=min(run.instructions),
        flash_bytes=run.sizes.flash_bytes,
        ram_bytes=run.sizes.ram_bytes,
        stack_bytes=run.stack_bytes,
        arena_bytes=run.arena_bytes,
        tools=run.tools,
    )


def _with_steps(report: CoreReport, core: EmulatedCore, compiled: CompiledModel, frames: Frames) -> CoreReport:
    """Adds the instructions of each step on one frame: a smooth one, most like an image, where there is one."""
    frame = frames.codes[frames.kinds.index("smooth") if "smooth" in frames.kinds else 0]
    try:
        counts = steps_on_core(core, compiled, frame)
    except StepsUnclearError as error:
        return report.model_copy(update={"steps_unclear": str(error)})
    steps = zip(compiled.steps, counts, strict=True)
    counted = tuple(StepInstructions(name=step.name, instructions=count) for step, count in steps)
    return report.model_copy(update={"steps": counted})
