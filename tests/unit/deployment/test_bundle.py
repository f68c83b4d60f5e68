import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from int8graphs.ends import several_ends
from weighttables import with_flipped_weights

from edge_nas.boards import load_board
from edge_nas.codegen import compile_tflite
from edge_nas.core.hashing import sha256_file
from edge_nas.core.samples import SampleFormat
from edge_nas.deployment import vela
from edge_nas.deployment.bundle import BUNDLE, as_markdown, make_bundle
from edge_nas.deployment.interpreter import InterpreterWay
from edge_nas.errors import GateError, ResourceError
from edge_nas.quantization import quantize_model
from edge_nas.results.deploy import DeploymentBundle, NpuEstimate
from edge_nas.results.verify import VerificationReport
from edge_nas.runtimes import tflm


@pytest.fixture(scope="module")
def bundle(verified: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DeploymentBundle]:
    """A bundle for a board whose core was emulated, and what was said of it."""
    folder = tmp_path_factory.mktemp("bundles") / "edge model"  # a space, which build files must survive
    made = make_bundle(load_board("stm32l4r5"), verified.data, verified.compiled, verified.report, folder)
    return folder, made


def test_every_file_is_listed_with_its_hash(bundle: tuple[Path, DeploymentBundle]) -> None:
    folder, made = bundle
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {file.path for file in made.files} | {BUNDLE}
    assert {"CMakeLists.txt", "library.properties", "idf_component.yml", "zephyr/module.yml"} <= there
    assert {"self_test/qemu/toolchain.cmake", "self_test/qemu/core.ld"} <= there
    assert (folder / "LICENSE").read_text() == (Path(__file__).parents[3] / "LICENSE").read_text()
    for file in made.files:
        assert file.sha256 == sha256_file(folder / file.path)
        assert file.size_bytes == (folder / file.path).stat().st_size
    assert json.loads((folder / BUNDLE).read_text()) == made.to_data()


def test_the_readme_has_the_budget_and_calls_the_latency_an_estimate(bundle: tuple[Path, DeploymentBundle]) -> None:
    text = (bundle[0] / "README.md").read_text()
    assert "| flash | 4,256 | 2,097,152 | fits |" in text
    assert "| SRAM | 1,200 | 655,360 | fits |" in text
    assert "**1.1 ms (±20 %), an estimate, not measured on\nthe board**" in text
    assert "2.13 cycles each on the average" in text
    assert "- tflite-micro: skipped, not installed" in text
    assert "- another one: differs in 25.0 % of the bytes, by 1 at most" in text
    assert "- cortex-m4: every byte equal on 10 inputs, 60,000 instructions" in text
    assert "is under the Apache License 2.0" in text.split("## Licence")[1].split("##")[0]


def test_an_npu_has_an_estimate_or_a_reason(verified: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    board = load_board("corstone300")
    rest = (board, verified.data, verified.compiled, verified.report)
    monkeypatch.setattr(vela, "version", lambda: None)
    without = make_bundle(*rest, tmp_path / "without")
    assert (without.npu, without.npu_skipped) == (None, vela.NOT_INSTALLED)
    assert f"No estimate: {as_markdown(vela.NOT_INSTALLED)}." in (tmp_path / "without/README.md").read_text()

    found = NpuEstimate(
        accelerator="ethos-u55-128",
        system_config="one",
        memory_mode="two",
        clock_mhz=500.0,
        cycles=250_000,
        milliseconds=0.5,
        sram_bytes=98_816,
        flash_bytes=6_400,
        npu_operators=20,
        cpu_operators=1,
        tool="a tool",
    )
    monkeypatch.setattr(vela, "estimate", lambda npu, data: found)
    with_one = make_bundle(*rest, tmp_path / "with")
    assert (with_one.npu, with_one.npu_skipped) == (found, None)
    text = (tmp_path / "with/README.md").read_text()
    assert "**250,000 cycles, an estimate of a tool, not measured**" in text
    assert "1 stay on the core and are not in the estimate." in text
    other = make_bundle(load_board("stm32l4r5"), *rest[1:], tmp_path / "other")
    assert (other.npu, other.npu_skipped) == (None, None)
    assert "the NPU" not in (tmp_path / "other/README.md").read_text()


def test_no_template_is_left_open(bundle: tuple[Path, DeploymentBundle]) -> None:
    for file in bundle[1].files:
        if not file.path.endswith(".bin"):
            text = (bundle[0] / file.path).read_text()
            assert "{%" not in text
            assert "{{ " not in text


def test_the_arena_of_the_interpreter_is_measured_where_it_is_installed(
    bundle: tuple[Path, DeploymentBundle], verified: Any
) -> None:
    header = (bundle[0] / "interpreter/model_data.h").read_text()
    if tflm.installed():
        assert f"EDGE_MODEL_TFLITE_ARENA_BYTES {tflm.arena_bytes(verified.data)}\n" in header
    else:
        assert bundle[1].interpreter_arena_bytes is None
        assert "ARENA" not in header


def test_where_the_interpreter_does_not_run_the_network_it_is_left_out(
    verified: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    skipped = "tflite-micro has no kernel for GELU"
    monkeypatch.setattr("edge_nas.deployment.bundle.interpreter_way", lambda _: InterpreterWay(None, skipped))
    made = make_bundle(load_board("host"), verified.data, verified.compiled, verified.report, tmp_path)
    assert (made.interpreter_arena_bytes, made.interpreter_skipped) == (None, skipped)
    assert not (tmp_path / "interpreter").exists()
    assert f"There is no folder `interpreter/`: {skipped}." in (tmp_path / "README.md").read_text()


def test_the_readme_says_when_to_forget_what_is_kept_from_run_to_run(
    bundle: tuple[Path, DeploymentBundle], verified: Any, tmp_path: Path
) -> None:
    assert "edge_model_reset" not in (bundle[0] / "README.md").read_text()
    keeping = verified.compiled.model_copy(update={"keeps_state": True})
    make_bundle(load_board("host"), verified.data, keeping, verified.report, tmp_path)
    assert "`edge_model_reset()` forgets it: call it in front of each sample" in (tmp_path / "README.md").read_text()


@pytest.mark.usefixtures("host_gcc")
def test_the_self_test_passes_here_and_notices_a_changed_weight(
    bundle: tuple[Path, DeploymentBundle], tmp_path: Path
) -> None:
    copy = shutil.copytree(bundle[0], tmp_path / "copy")
    done = _self_test(copy)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "self-test passed")
    source = copy / "src/edge_model.c"
    source.write_text(with_flipped_weights(source.read_text()))
    done = _self_test(copy)
    assert done.returncode > 0
    assert "differs at" in done.stdout
    assert done.stdout.endswith("self-test FAILED\n")


@pytest.fixture(scope="module")
def unit_range(tiny_models: Any) -> bytes:
    """The tiny network as one for pixels / 255: an int8 file whose input stands for [0, 1]."""
    inputs = np.random.default_rng(5).uniform(0, 1, (20, 8, 8, 3)).astype(np.float32)
    return quantize_model(tiny_models.keras, inputs)


@pytest.mark.usefixtures("host_gcc")
def test_pixels_of_another_range_have_no_function_and_the_reason_is_told(unit_range: bytes, tmp_path: Path) -> None:
    compiled = compile_tflite(unit_range)
    report = VerificationReport(model_sha256=compiled.model_sha256, programs=(), cores={})
    rest = (load_board("host"), unit_range, compiled, report)
    made = make_bundle(*rest, tmp_path / "file")
    assert made.preprocess_skipped is not None
    assert "the input takes [0, 1], not the [-1, 1] of pixel / 127.5 - 1;" in made.preprocess_skipped
    assert (
        f"There is no function that turns camera\npixels into codes: {made.preprocess_skipped}."
        in (tmp_path / "file/README.md").read_text()
    )
    named = [path for path in (tmp_path / "file").rglob("*") if "preprocess" in path.name]
    assert named == []
    for file in made.files:  # no build file, header or example asks for what is not there
        if not file.path.endswith(".bin"):
            assert "edge_preprocess" not in (tmp_path / "file" / file.path).read_text(), file.path
    assert _self_test(tmp_path / "file").returncode == 0

    known = make_bundle(*rest, tmp_path / "run", sample=SampleFormat(shape=(8, 8, 3)))  # of a run it is known
    assert known.preprocess_skipped is None
    assert {file.path for file in known.files} - {file.path for file in made.files} == {
        "src/edge_preprocess.c",
        "src/edge_preprocess.h",
    }
    flash = [bundle.budget[0].needed_bytes for bundle in (made, known)]
    assert flash[1] - flash[0] == 256


@pytest.mark.usefixtures("host_gcc")
def test_a_bundle_of_several_ends_tests_itself_and_names_each(tmp_path: Path) -> None:
    data = several_ends()
    compiled = compile_tflite(data)
    report = VerificationReport(model_sha256=compiled.model_sha256, programs=(), cores={})
    made = make_bundle(load_board("host"), data, compiled, report, tmp_path)
    assert _self_test(tmp_path).returncode == 0
    readme = (tmp_path / "README.md").read_text()
    assert "| output 1 `t7` | 1 x 5 x 7 float32 |" in readme
    assert "memcpy(edge_model_input_1(), codes_1, EDGE_MODEL_INPUT_1_CODES);" in readme
    assert made.preprocess_skipped is not None


def test_a_range_of_scaled_pixels_has_the_function(bundle: tuple[Path, DeploymentBundle]) -> None:
    folder, made = bundle
    assert made.preprocess_skipped is None
    assert "void edge_preprocess(" in (folder / "src/edge_preprocess.h").read_text()
    assert "edge_preprocess(pixels, edge_model_input()" in (folder / "README.md").read_text()
    for build_file in ("CMakeLists.txt", "zephyr/CMakeLists.txt"):
        assert "src/edge_preprocess.c" in (folder / build_file).read_text()
    assert "includes=edge_model.h,edge_preprocess.h\n" in (folder / "library.properties").read_text()


def test_what_does_not_belong_together_is_refused(verified: Any, tmp_path: Path) -> None:
    other = verified.report.model_copy(update={"model_sha256": "0" * 64})
    with pytest.raises(GateError, match="do not belong together"):
        make_bundle(load_board("host"), verified.data, verified.compiled, other, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def _self_test(folder: Path) -> "subprocess.CompletedProcess[str]":
    files = [*folder.glob("src/*.c"), *folder.glob("examples/SelfTest/*.c"), folder / "self_test/main.c"]
    include = [f"-I{folder / 'src'}", f"-I{folder / 'examples/SelfTest'}"]
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["gcc", *flags, *include, *map(str, files), "-o", folder / "program"], check=True)
    return subprocess.run([folder / "program"], capture_output=True, text=True, check=False)


def test_a_boards_words_are_words_in_the_readme() -> None:
    hostile = "# Title\n\n<img src=x onerror=1> [here](javascript:x) `code` a|b \\"
    shown = as_markdown(hostile)
    assert shown == r"\# Title \<img src=x onerror=1\> \[here\](javascript:x) \`code\` a\|b \\"
    assert as_markdown("[x]: javascript:x") == r"\[x\]: javascript:x"
    assert as_markdown("pip install 'edge-nas[tflm]'") == "pip install 'edge-nas[tflm]'"  # to be copied
    assert as_markdown("STM32L4R5, 640 KiB (as it is)") == "STM32L4R5, 640 KiB (as it is)"


def test_no_text_of_a_board_is_markdown_in_the_readme(
    verified: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever field it stands in, and where a tool repeats it in its complaint."""
    hostile = "x <script>alert(1)</script> [here](javascript:1) ![i](http://example.org/i) `code`"

    def complains(npu: Any, data: bytes) -> None:
        raise ResourceError(f"vela said: no such configuration {npu.system_config}")

    monkeypatch.setattr(vela, "estimate", complains)
    board = load_board("corstone300")
    assert board.npu is not None
    assert board.cycle_model is not None
    cycles = board.cycle_model.model_copy(update={"basis": hostile})
    npu = board.npu.model_copy(update={"system_config": hostile, "memory_mode": hostile, "source": hostile})
    texts = {"title": hostile, "core": hostile, "notes": (hostile, hostile), "npu": npu, "cycle_model": cycles}
    made = board.model_copy(update=texts)
    make_bundle(made, verified.data, verified.compiled, verified.report, tmp_path / "bundle")
    for path in (tmp_path / "bundle").rglob("*"):
        if path.is_file() and path.suffix != ".json":  # which says what it is given, in its own quotes
            text = path.read_text(errors="replace")
            assert "<script>" not in text, path
            assert "[here](" not in text, path
    assert "no such configuration x \\<script" in (tmp_path / "bundle" / "README.md").read_text()
