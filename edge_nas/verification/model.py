"""An int8 file and the C made of it in hand: every program that computes the file beside the reference kernels.

report = verify_model(VerifySpec(), data, compile_tflite(data), source="model.tflite")
report.programs                              # the numpy interpreter, tflite-micro, the C on this machine
report.cores["cortex-m4"].instructions       # the C on each emulated core
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from edge_nas.codegen.compile import compile_tflite
from edge_nas.core.config import VerifySpec
from edge_nas.core.hashing import sha256_bytes
from edge_nas.core.temporary import temporary_folder
from edge_nas.costs import pace_of
from edge_nas.emulation import (
    EmulatedCore,
    MachineError,
    cores_to_emulate,
    find_core,
    install_advice,
    missing_tools,
    run_on_core,
    run_on_host,
)
from edge_nas.emulation.cores import OPTIMIZATION
from edge_nas.emulation.frames import StoredFrames, packed, stored_frames
from edge_nas.emulation.profile import StepsUnclearError, steps_on_core
from edge_nas.emulation.tools import HOST_GCC, tool_version
from edge_nas.errors import ArtifactError, GateError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.results.compile import CompiledEnd, CompiledModel
from edge_nas.results.verify import SHIPPED_C, CoreReport, ProgramReport, StepInstructions, VerificationReport
from edge_nas.runs.progress import Tick, no_tick
from edge_nas.runtimes import reference, tflm
from edge_nas.verification.culprit import Program, first_difference
from edge_nas.verification.differences import DifferenceError, Stored, require_all_equal

R = TypeVar("R")

# Successive calls of a network that keeps something from call to call: few would not tell it from one that forgets.
_CALLS = 100
_NUMPY, _SANITIZED = "numpy interpreter", "generated C with sanitizers"


def verify_model(
    spec: VerifySpec, data: bytes, compiled: CompiledModel, *, source: str, tick: Tick = no_tick
) -> VerificationReport:
    """Returns what it took to show that every program of ours gives the bytes of TFLite's reference kernels.

    The programs: the numpy interpreter, tflite-micro (which is only compared: it is not ours), the generated C on this
    machine with sanitizers, then as it is shipped, on more frames, then on each core. The reference kernels compute
    every frame that any of them gets, which for small networks takes the most time: about 2 s for each million MACs.
    Of a network that keeps something from call to call, frames are successive calls after a reset, 100 at least.
    A program whose tool is missing is listed as skipped, and so is a core whose machine is too small; a core that
    `spec.cores` names must run. Instructions per step are counted on the cores of `spec.step_cores`.

    Args:
        spec: how many inputs, which cores.
        data: the .tflite file.
        compiled: the C that was generated of it.
        source: what to call the file in messages.
        tick: is told (what, done, total).

    Raises:
        GateError: a byte differs; the C belongs to another file, does not compile or does not end.
        ConfigError: an unknown core.
        ResourceError: a core is named whose compiler or emulator is missing.
        ArtifactError: the file cannot be read.
    """
    cores = cores_to_emulate(spec.cores)
    _require_same_file(data, compiled, source)
    # Five are on this machine: the reference kernels and the four programs below.
    total = 5 + len(cores)
    tick("reference kernels", 0, total)
    if compiled.keeps_state:
        counts = {name: max(getattr(spec, name), _CALLS) for name in ("inputs", "slow_inputs", "core_inputs")}
        spec = spec.model_copy(update=counts)
    frames = stored_frames(compiled.inputs, max(spec.inputs, spec.slow_inputs, spec.core_inputs))
    expected = _Expected(frames, tuple(reference.run_reference(data, frames.inputs, source=source)))
    few = expected.first(spec.slow_inputs)
    with temporary_folder() as folder:
        sources = _written(compiled, folder)
        # The quickest to tell a mistake comes first: the numpy interpreter needs no compiler.
        programs: dict[str, Callable[[], ProgramReport]] = {
            _NUMPY: partial(_numpy_program, data, source, few),
            tflm.NAME: partial(_tflm_program, data, few, compiled),
            _SANITIZED: partial(_host_program, _SANITIZED, sources, few, sanitize=True),
            SHIPPED_C: partial(_host_program, SHIPPED_C, sources, expected.first(spec.inputs), sanitize=False),
        }
        program_reports = []
        for number, (name, run) in enumerate(programs.items(), 1):
            tick(name, number, total)
            program_reports.append(_explained(run, _runner(name, compiled), data, source, frames))
        core_reports = {}
        for number, core in enumerate(cores, 1 + len(programs)):
            tick(core.name, number, total)
            emulate = partial(_emulated, core, spec, sources, expected, compiled)
            report = _explained(emulate, _runner(core.name, compiled), data, source, frames)
            if report.skipped is None:
                report = report.model_copy(update={"pace": pace_of(data, compiled, core.name)})
            core_reports[core.name] = report
    tick("verified", total, total)
    return VerificationReport(
        model_sha256=compiled.model_sha256,
        reference=f"{reference.reference_name(data, source)}, on {len(frames.kinds):,} inputs",
        programs=tuple(program_reports),
        cores=core_reports,
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


def _explained(run: Callable[[], R], program: Program, data: bytes, source: str, frames: StoredFrames) -> R:
    """Returns what `run` does; where it meets a byte that differs, the operator is looked for that differs first."""
    try:
        return run()
    except DifferenceError as error:
        calls = [values[: error.frame + 1] for values in frames.inputs]
        raise GateError(f"{error}; {first_difference(data, source, calls, program)}") from error


def _runner(name: str, compiled: CompiledModel) -> Program:
    """Returns the program of a name, on any file."""

    def run(data: bytes, inputs: Sequence[Stored]) -> npt.NDArray[np.int8]:
        if name == _NUMPY:
            return packed(Int8Interpreter(read_tflite(data, name)).run_all(inputs))
        with temporary_folder() as folder:
            sources = _written(
                compile_tflite(data, optimize=compiled.optimize, esp32s3_vectors=compiled.esp32s3_vectors), folder
            )
            if name in (_SANITIZED, SHIPPED_C):
                return run_on_host(sources, packed(inputs), sanitize=name == _SANITIZED, optimization="-O1")
            return run_on_core(find_core(name), sources, packed(inputs)).outputs

    return run


class _Expected(NamedTuple):
    """Frames as the file takes them, and what the reference kernels give for them: (N, ...) for each output."""

    frames: StoredFrames
    outputs: tuple[Stored, ...]

    def first(self, count: int) -> "_Expected":
        """Returns the first `count` of them."""
        return _Expected(self.frames.first(count), tuple(values[:count] for values in self.outputs))


def _require_same_file(data: bytes, compiled: CompiledModel, source: str) -> None:
    sha256 = sha256_bytes(data)
    if compiled.model_sha256 != sha256:
        raise GateError(
            f"{source}: the C was generated from another file (sha256 {compiled.model_sha256[:12]}..., "
            f"this one has {sha256[:12]}...); compile it again"
        )


def _written(compiled: CompiledModel, folder: Path) -> Path:
    """Writes the C into a folder and returns it."""
    for file in compiled.files:
        (folder / file.name).write_text(file.text, encoding="utf-8")
    return folder


def _numpy_program(data: bytes, source: str, expected: _Expected) -> ProgramReport:
    outputs = Int8Interpreter(read_tflite(data, source)).run_all(expected.frames.inputs)
    require_all_equal(expected.outputs, packed(outputs), expected.frames.kinds, _NUMPY)
    return ProgramReport(name=_NUMPY, inputs=len(expected.frames.kinds), versions={"numpy": np.__version__})


def _tflm_program(data: bytes, expected: _Expected, compiled: CompiledModel) -> ProgramReport:
    """Returns how far tflite-micro is from the reference, in codes of the outputs."""
    if not tflm.installed():
        advice = f"not installed; {tflm.INSTALL_ADVICE}"
        return ProgramReport(name=tflm.NAME, inputs=0, skipped=advice, missing=(tflm.PACKAGE,))
    # Not required to be equal: where the two libraries of others differ (seen in fully connected layers, by one), the
    # reference kernels are what this project computes.
    try:
        outputs = tflm.run_all_stored(data, expected.frames.inputs)
    except ArtifactError as error:
        return ProgramReport(name=tflm.NAME, inputs=0, skipped=str(error))  # it lacks int8 kernels that LiteRT has
    distances = []
    for end, values, wanted in zip(compiled.outputs, outputs, expected.outputs, strict=True):
        distances.append((np.abs(values.astype(np.float64) - wanted) / _step(end)).reshape(-1))
    difference = np.concatenate(distances)
    return ProgramReport(
        name=tflm.NAME,
        inputs=len(expected.frames.kinds),
        equal_share=float(np.mean(difference == 0)),
        max_difference=round(float(difference.max())),
        versions={tflm.PACKAGE: tflm.version()},
    )


def _step(end: CompiledEnd) -> float:
    """Returns by how much two outputs differ of which the codes differ by one."""
    return end.codes.scale if end.codes.scale and end.stored.dtype == "float32" else 1.0


def _host_program(name: str, sources: Path, expected: _Expected, *, sanitize: bool) -> ProgramReport:
    if HOST_GCC.path is None:
        advice = f"gcc is missing; {install_advice((HOST_GCC,))}"
        return ProgramReport(name=name, inputs=0, skipped=advice, missing=(HOST_GCC.program,))
    # With sanitizers a low level compiles faster and keeps more to look at.
    optimization = "-O1" if sanitize else OPTIMIZATION
    inputs = packed(expected.frames.inputs)
    outputs = run_on_host(sources, inputs, sanitize=sanitize, optimization=optimization)
    require_all_equal(expected.outputs, outputs, expected.frames.kinds, name)
    return ProgramReport(name=name, inputs=len(outputs), versions={HOST_GCC.program: tool_version(HOST_GCC)})


def _emulated(
    core: EmulatedCore, spec: VerifySpec, sources: Path, expected: _Expected, compiled: CompiledModel
) -> CoreReport:
    """Returns the report on a core; only one that was asked for by name has to be able to take the network."""
    try:
        report = _core_report(core, sources, expected.first(spec.core_inputs))
    except MachineError as error:
        if spec.cores is not None:
            raise
        return CoreReport(bytes_equal=None, inputs=0, skipped=str(error))
    if report.skipped is not None or core.name not in spec.step_cores:
        return report
    return _with_steps(report, core, compiled, expected.frames)


def _core_report(core: EmulatedCore, sources: Path, expected: _Expected) -> CoreReport:
    if missing_tools(core):
        return skipped_core(core)
    run = run_on_core(core, sources, packed(expected.frames.inputs))
    require_all_equal(expected.outputs, run.outputs, expected.frames.kinds, core.name)
    return CoreReport(
        bytes_equal=True,
        inputs=len(expected.frames.kinds),
        instructions=max(run.instructions),
        instructions_min=min(run.instructions),
        flash_bytes=run.sizes.flash_bytes,
        ram_bytes=run.sizes.ram_bytes,
        stack_bytes=run.stack_bytes,
        arena_bytes=run.arena_bytes,
        tools=run.tools,
    )


def _with_steps(report: CoreReport, core: EmulatedCore, compiled: CompiledModel, frames: StoredFrames) -> CoreReport:
    """Adds the instructions of each step on one frame: a smooth one, most like an image, where there is one."""
    shown = frames.kinds.index("smooth") if "smooth" in frames.kinds else 0
    frame = packed(frames.codes)[shown]
    try:
        counts = steps_on_core(core, compiled, frame)
    except StepsUnclearError as error:
        return report.model_copy(update={"steps_unclear": str(error)})
    counted = []
    for step, count in zip(compiled.steps, counts, strict=True):
        counted.append(StepInstructions(name=step.name, instructions=count))
    return report.model_copy(update={"steps": tuple(counted)})
