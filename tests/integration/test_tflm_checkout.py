"""Figures of TFLM from a checkout, with a stand-in of tensorflow/tflite-micro: generated C behind its interface."""

import json
import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from int8graphs import RandomGraph, random_graph

from benchmarks import mcu
from benchmarks.lib import tflm
from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.emulation import find_core
from edge_nas.emulation.tools import ARM_GCC
from edge_nas.errors import ConfigError, GateError, ResourceError
from edge_nas.int8.reader import read_tflite

STAND_IN = Path(__file__).parents[1] / "tflm_standin"
ARENA_BYTES = 1040  # what the stand-in wants to begin with; in the end it uses 1000
RESOLVER = "tensorflow/lite/micro/micro_mutable_op_resolver.h"


def has_cxx_library() -> bool:
    """Says whether libstdc++-arm-none-eabi-newlib is installed, which only this comparison needs."""
    if ARM_GCC.path is None:
        return False
    command = [str(ARM_GCC.path), "-print-file-name=libstdc++_nano.a"]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()).is_absolute()


needs_cxx = pytest.mark.skipif(not has_cxx_library(), reason="apt-get install libstdc++-arm-none-eabi-newlib")


@pytest.fixture(scope="module")
def network() -> RandomGraph:
    graph = random_graph(8, ("CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D"), single=True)
    assert set(graph.kinds) == {"CONV_2D", "DEPTHWISE_CONV_2D", "MAX_POOL_2D"}
    return graph


@pytest.fixture
def checkout(network: RandomGraph, tmp_path: Path) -> Path:
    root = shutil.copytree(STAND_IN, tmp_path / "tflite-micro")
    (root / "network").mkdir()
    write_compiled(compile_tflite(network.data), root / "network")
    return root


@pytest.fixture
def edited(checkout: Path) -> Callable[[str, str, str], Path]:
    """Returns a function that replaces text in a file of the checkout."""

    def edit(name: str, old: str, new: str) -> Path:
        text = (checkout / name).read_text()
        assert old in text
        (checkout / name).write_text(text.replace(old, new))
        return checkout

    return edit


@pytest.mark.mcu
@needs_cxx
def test_the_table_has_both_engines_beside_the_generated_c(
    network: RandomGraph, checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, results = tmp_path / "model.tflite", tmp_path / "results.json"
    model.write_bytes(network.data)
    cores = ["cortex-m4", "cortex-m33", "rv32imac"]
    mcu.main([str(model), "--cores", *cores, "--tflm-src", str(checkout), "--json", str(results)])
    out, err = capsys.readouterr()
    assert "TFLM + CMSIS-NN on rv32imac: skipped, rv32imac: TFLM's target cortex_m_generic is for" in err
    (row,) = json.loads(results.read_text())["rows"]
    live = {(figures["engine"], figures["core"]): figures for figures in row["tflm"]}
    assert set(live) == {(engine, core) for engine in tflm.ENGINES.values() for core in cores[:2]}
    outputs = math.prod(network.output_shapes[0])
    for (engine, core), figures in live.items():
        generated = row["cores"][core]
        differing = 1 / outputs if engine == "TFLM + CMSIS-NN" else 0.0
        assert figures["differing_share"] == pytest.approx(differing)
        assert figures["max_difference"] == (2 if differing else 0)
        assert figures["arena_bytes"] == ARENA_BYTES
        assert figures["ram_bytes"] > generated["ram_bytes"] + ARENA_BYTES
        assert figures["flash_bytes"] > generated["flash_bytes"] + len(network.data)
        # The same instructions, and those of the call.
        assert 0 < figures["instructions"] - generated["instructions"] < 40
        assert (figures["build_type"], figures["commit"]) == ("release", "unknown")
    assert f"| TFLM + CMSIS-NN (unknown, {100 / outputs:.2g} % of bytes differ) | cortex-m4 |" in out
    assert "| TFLM, reference kernels (unknown) | cortex-m33 |" in out


def measured(checkout: Path, network: RandomGraph, kernels: str = "cmsis_nn") -> tflm.Figures:
    frames = np.zeros((1, *network.input_shapes[0][1:]), np.int8)
    expected = np.zeros((1, *network.output_shapes[0][1:]), np.int8)
    core = find_core("cortex-m4")
    opened = tflm.open_checkout(checkout)
    return tflm.measure(opened, kernels, core, network.data, frames=frames, expected=expected)


@pytest.mark.mcu
@needs_cxx
def test_a_library_that_is_there_is_used_as_it_is(network: RandomGraph, checkout: Path) -> None:
    variables = ["TARGET=cortex_m_generic", "TARGET_ARCH=cortex-m4", "BUILD_TYPE=release_with_logs"]
    toolchain = f"TARGET_TOOLCHAIN_ROOT={ARM_GCC.path.parent}/"
    command = ["make", "-f", tflm.MAKEFILE, *variables, toolchain, "OPTIMIZED_KERNEL_DIR=cmsis_nn", "microlite"]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    (checkout / tflm.MAKEFILE).write_text("$(error not to be run again)\n")
    assert measured(checkout, network).build_type == "release_with_logs"


@pytest.mark.mcu
@needs_cxx
def test_what_make_says_is_told_and_kept(
    network: RandomGraph, checkout: Path, edited: Callable[[str, str, str], Path]
) -> None:
    edited(tflm.MAKEFILE, "microlite:", "$(error Something went wrong with the flatbuffers download)\nmicrolite:")
    with pytest.raises(ResourceError) as caught:
        measured(checkout, network)
    log = checkout / "gen/cortex_m_generic_cortex-m4_release_cmsis_nn_gcc.log"
    assert "make ended with exit code 2" in str(caught.value)
    assert "Something went wrong with the flatbuffers download" in str(caught.value)
    assert f"All it said is in {log}" in str(caught.value)
    assert f"run: cd {checkout} && " in str(caught.value)
    assert "TARGET_ARCH=cortex-m4 BUILD_TYPE=release" in str(caught.value)
    assert "flatbuffers download" in log.read_text()


@pytest.mark.mcu
@needs_cxx
def test_an_archive_elsewhere_is_missed(
    network: RandomGraph, checkout: Path, edited: Callable[[str, str, str], Path]
) -> None:
    edited(tflm.MAKEFILE, "GENDIR := gen/", "GENDIR := tensorflow/lite/micro/tools/make/gen/")
    with pytest.raises(ResourceError, match=r"make made no .*gen/cortex_m_generic_cortex-m4_release_gcc/lib"):
        measured(checkout, network, kernels="")


@pytest.mark.mcu
@needs_cxx
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("    edge_model_run();", "    return kTfLiteError;"), "Invoke fails"),
        (("arena_bytes_ < kNeeded", "true"), "AllocateTensors fails"),
        (("input_.bytes = EDGE_MODEL_INPUT_BYTES", "input_.bytes = 1"), "of another size than in the file"),
    ],
)
def test_a_network_that_the_interpreter_refuses(
    network: RandomGraph, edited: Callable[[str, str, str], Path], change: tuple[str, str], reason: str
) -> None:
    checkout = edited("tensorflow/lite/micro/micro_interpreter.cc", *change)
    with pytest.raises(GateError, match=rf"TFLM \+ CMSIS-NN, .*cortex-m4: .* ended with code 20: .*{reason}"):
        measured(checkout, network)


def test_a_folder_that_is_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is no checkout of tensorflow/tflite-micro: there is no .*make/Makefile"):
        tflm.open_checkout(tmp_path)


def test_the_commit_is_named(checkout: Path) -> None:
    git = ["git", "-C", str(checkout), "-c", "user.name=n", "-c", "user.email=e"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message=all"]):
        subprocess.run([*git, *command], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert tflm.open_checkout(checkout).commit == head
    (checkout / tflm.MAKEFILE).write_text("")
    assert tflm.open_checkout(checkout).commit == f"{head}-dirty"


def test_a_core_that_the_makefile_has_no_target_for(checkout: Path) -> None:
    with pytest.raises(ConfigError, match="rv32imac: TFLM's target cortex_m_generic is for cortex-m0plus, "):
        tflm.library_for(tflm.open_checkout(checkout), "", find_core("rv32imac"))


def test_the_resolver_has_the_operators_and_their_int8_variants(network: RandomGraph, checkout: Path) -> None:
    graph, opened = read_tflite(network.data, "network"), tflm.open_checkout(checkout)
    plain, optimized = (tflm.operators_header(opened, kernels, graph) for kernels in ("", "cmsis_nn"))
    for text in (plain, optimized):
        assert "MicroMutableOpResolver<3>" in text
        assert "operators.AddMaxPool2D()" in text
    assert "operators.AddConv2D()" in plain
    assert "operators.AddConv2D(tflite::Register_CONV_2D_INT8())" in optimized
    assert '#include "tensorflow/lite/micro/kernels/conv.h"' in optimized


def test_an_operator_that_the_checkout_does_not_have(
    network: RandomGraph, checkout: Path, edited: Callable[[str, str, str], Path]
) -> None:
    edited(RESOLVER, "AddMaxPool2D", "AddL2Pool2D")
    graph = read_tflite(network.data, "network")
    with pytest.raises(ConfigError, match=r"operator MAX_POOL_2D: TFLM has no kernel for it \(.* no AddMaxPool2D\)"):
        tflm.operators_header(tflm.open_checkout(checkout), "", graph)
