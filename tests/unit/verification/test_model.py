from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from weighttables import with_flipped_weights

from edge_nas.codegen import compile_tflite
from edge_nas.core.config import VerifySpec
from edge_nas.emulation import CORES, run_on_host
from edge_nas.errors import ArtifactError, ConfigError, GateError, ResourceError
from edge_nas.results.compile import CompiledModel
from edge_nas.runtimes import tflm
from edge_nas.verification.model import verify_model

FEW = {"inputs": 7, "slow_inputs": 6, "core_inputs": 5}


@pytest.fixture(scope="module")
def tiny(tiny_models: Any) -> tuple[bytes, CompiledModel]:
    """The int8 file of the tiny network and the C made of it."""
    data = tiny_models.int8_tflite.read_bytes()
    return data, compile_tflite(data)


def altered(compiled: CompiledModel, change: Callable[[str], str]) -> CompiledModel:
    """Returns the network with its C file changed; the hash of the .tflite stays."""
    files = [
        file.model_copy(update={"text": change(file.text)}) if file.name.endswith(".c") else file
        for file in compiled.files
    ]
    return compiled.model_copy(update={"files": tuple(files)})


@pytest.mark.usefixtures("host_gcc")
def test_every_program_that_is_there_agrees(tiny: tuple[bytes, CompiledModel], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_nas.verification.model.missing_tools", lambda core: core.tools)
    ticks: list[tuple[str, int, int]] = []
    report = verify_model(VerifySpec(**FEW), *tiny, source="tiny", tick=lambda *tick: ticks.append(tick))
    ran = {program.name: program.inputs for program in report.programs if program.skipped is None}
    assert report.reference.startswith("TFLite's reference kernels in ai-edge-litert ")
    assert report.reference.endswith(", on 7 inputs")
    assert ran["generated C on this machine"] == 7
    assert ran["numpy interpreter"] == ran["generated C with sanitizers"] == 6
    assert (tflm.NAME in ran) == tflm.installed()
    assert list(report.cores) == list(CORES)
    for core in report.cores.values():
        assert (core.bytes_equal, core.inputs, core.instructions) == (None, 0, None)
    assert report.cores["rv32imac"].skipped == (
        "riscv64-unknown-elf-gcc and qemu-system-riscv32 is missing; install it with: apt-get install "
        "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc"
    )
    assert ticks[-1] == ("verified", 13, 13)


def test_without_gcc_the_host_program_is_skipped(
    tiny: tuple[bytes, CompiledModel], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    report = verify_model(VerifySpec(**FEW), *tiny, source="tiny")
    for program in report.programs[-2:]:
        assert program.skipped == "gcc is missing; install it with: apt-get install gcc libc6-dev"


def test_a_core_that_is_named_must_run(
    tiny: tuple[bytes, CompiledModel], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ResourceError, match="cortex-m4 is asked for, but arm-none-eabi-gcc and qemu-system-arm"):
        verify_model(VerifySpec(cores=("cortex-m4",), **FEW), *tiny, source="tiny")
    with pytest.raises(ConfigError, match="unknown core 'm4'"):
        verify_model(VerifySpec(cores=("m4",), **FEW), *tiny, source="tiny")


@pytest.mark.usefixtures("host_gcc")
def test_a_flipped_weight_is_found(tiny: tuple[bytes, CompiledModel]) -> None:
    data, compiled = tiny
    with pytest.raises(GateError, match=r"generated C with sanitizers: the output differs .* first in frame \d"):
        verify_model(VerifySpec(cores=(), **FEW), data, altered(compiled, with_flipped_weights), source="tiny")


@pytest.mark.usefixtures("host_gcc")
def test_what_only_the_many_frames_show_is_found(
    tiny: tuple[bytes, CompiledModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, compiled = tiny
    from edge_nas.verification import model

    def wrong_in_the_last(sources: Path, codes: Any, *, sanitize: bool, optimization: str) -> Any:
        outputs = run_on_host(sources, codes, sanitize=sanitize, optimization=optimization).copy()
        if len(codes) == 7:
            outputs[6, 0] ^= 1
        return outputs

    monkeypatch.setattr(model, "run_on_host", wrong_in_the_last)
    with pytest.raises(GateError, match=r"generated C on this machine: .* first in frame 6 \(smooth\) at index 0"):
        verify_model(VerifySpec(cores=(), **FEW), data, compiled, source="tiny")


def test_c_of_another_file_is_refused(tiny: tuple[bytes, CompiledModel]) -> None:
    data, compiled = tiny
    other = compiled.model_copy(update={"model_sha256": "0" * 64})
    with pytest.raises(GateError, match="the C was generated from another file"):
        verify_model(VerifySpec(**FEW), data, other, source="tiny")


@pytest.mark.mcu
def test_every_core_agrees_and_is_measured(tiny: tuple[bytes, CompiledModel]) -> None:
    report = verify_model(VerifySpec(inputs=5, slow_inputs=5, core_inputs=5), *tiny, source="tiny")
    assert list(report.cores) == list(CORES)
    for core in report.cores.values():
        assert core.skipped is None
        assert core.bytes_equal is True
        assert core.inputs == 5
        assert core.instructions is not None
        assert core.instructions_min is not None
        assert 5_000 < core.instructions_min <= core.instructions < 2_000_000
        assert core.arena_bytes == tiny[1].arena_bytes
        assert core.ram_bytes is not None
        assert core.ram_bytes >= core.arena_bytes
        assert core.flash_bytes is not None
        assert core.flash_bytes > tiny[1].constant_bytes
        assert core.stack_bytes is not None
        assert 0 < core.stack_bytes < 2048
    steps = report.cores["cortex-m4"].steps
    assert [step.name for step in steps] == [step.name for step in tiny[1].steps]
    most = report.cores["cortex-m4"].instructions
    assert most is not None
    assert 0.9 * most < sum(step.instructions for step in steps) < most
    assert report.cores["cortex-m7"].steps == ()


@pytest.mark.mcu
def test_a_flipped_weight_is_found_on_a_core(
    tiny: tuple[bytes, CompiledModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, compiled = tiny
    from edge_nas.verification import model

    # The host program would find it first.
    monkeypatch.setattr(model, "_host_program", lambda *_, **__: model.ProgramReport(name="host", inputs=0))
    with pytest.raises(GateError, match=r"cortex-m3: the output differs"):
        verify_model(
            VerifySpec(cores=("cortex-m3",), **FEW), data, altered(compiled, with_flipped_weights), source="tiny"
        )


@pytest.mark.mcu
def test_steps_that_cannot_be_told_apart_are_said_to_be(
    tiny: tuple[bytes, CompiledModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    from edge_nas.emulation.profile import StepsUnclearError
    from edge_nas.verification import model

    def unclear(*_: object) -> tuple[int, ...]:
        raise StepsUnclearError("two of a kind")

    monkeypatch.setattr(model, "steps_on_core", unclear)
    report = verify_model(
        VerifySpec(inputs=1, slow_inputs=1, core_inputs=1, cores=("cortex-m4",)), *tiny, source="tiny"
    )
    assert report.cores["cortex-m4"].steps == ()
    assert report.cores["cortex-m4"].steps_unclear == "two of a kind"


@pytest.mark.mcu
def test_a_machine_that_is_too_small_is_skipped_unless_it_is_named(
    tiny: tuple[bytes, CompiledModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    from edge_nas.emulation import TooLargeError
    from edge_nas.verification import model

    def too_large(*_: object) -> None:
        raise TooLargeError("4 KiB and no more")

    monkeypatch.setattr(model, "run_on_core", too_large)
    report = verify_model(VerifySpec(inputs=1, slow_inputs=1, core_inputs=1, step_cores=()), *tiny, source="tiny")
    assert {core.skipped for core in report.cores.values()} == {"4 KiB and no more"}
    with pytest.raises(TooLargeError):
        verify_model(VerifySpec(inputs=1, slow_inputs=1, core_inputs=1, cores=("cortex-m3",)), *tiny, source="tiny")


def test_tflite_micro_is_compared_and_may_differ(
    tiny: tuple[bytes, CompiledModel], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from edge_nas.runtimes.litert import LitertRuntime

    def nearly(data: bytes, inputs: Any) -> Any:
        (codes,) = inputs
        outputs = LitertRuntime(data, reference=True).run_int8(codes)
        outputs[0, 0, 0, 0] ^= 2  # another bit, never out of range
        return [outputs]

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tflm, "installed", lambda: True)
    monkeypatch.setattr(tflm, "version", lambda: "1")
    monkeypatch.setattr(tflm, "run_all_stored", nearly)
    report = verify_model(VerifySpec(**FEW), *tiny, source="tiny")
    program = next(program for program in report.programs if program.name == tflm.NAME)
    assert program.max_difference == 2
    assert program.equal_share == 1 - 1 / (6 * 64)


def test_what_tflite_micro_cannot_run_is_listed_with_its_reason(
    tiny: tuple[bytes, CompiledModel], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuses(data: bytes, inputs: Any) -> Any:
        raise ArtifactError("tflite-micro cannot run the file: no kernel")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tflm, "installed", lambda: True)
    monkeypatch.setattr(tflm, "run_all_stored", refuses)
    report = verify_model(VerifySpec(**FEW), *tiny, source="tiny")
    program = next(program for program in report.programs if program.name == tflm.NAME)
    assert program.skipped == "tflite-micro cannot run the file: no kernel"
