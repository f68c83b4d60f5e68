"""Kernels for the ESP32-S3's vector instructions: their arithmetic, on a model of the instructions in C.

Nothing here runs an instruction of the chip, nor assembles one.
"""

import re
import subprocess
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.codegen.compile import require_generated
from edge_nas.emulation.host import SANITIZERS, run_on_host
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.int8.sketch import HALVING, Sketch

WIDE = Path(__file__).parents[2] / "wide"
KERNELS = resources.files("edge_nas.codegen.kernels")


@pytest.fixture(scope="module")
def network() -> bytes:
    """Points of 17 and 32 channels, which do not begin at multiples of 16 and do; a dense layer of 45 and one of 5."""
    net = Sketch((6, 10, 3))
    x = net.convolution(net.convolution(net.input, 17, HALVING), 32)
    x = net.convolution(net.depthwise(x), 3, activation="linear")
    return net.finish(net.dense(net.dense(net.reshape(x, (45,)), 5), 4))


def test_sums_of_any_length_from_any_address_are_exact_and_load_nothing_beyond(host_gcc: None, tmp_path: Path) -> None:
    for name in ("edge_intrinsics.h", "edge_wide.h"):
        (tmp_path / name).write_text(KERNELS.joinpath(name).read_text(encoding="utf-8"))
    program = tmp_path / "dots"
    flags = ["-O1", "-std=c11", "-Wall", "-Wextra", "-Werror", *SANITIZERS, f"-I{WIDE}", f"-I{tmp_path}"]
    subprocess.run(["gcc", *flags, str(WIDE / "dots.c"), "-o", str(program)], check=True)
    ran = subprocess.run([str(program)], check=True, capture_output=True, text=True)
    assert ran.stdout == f"{16 * sum(-(-count // 16) for count in range(1, 101))} sums\n"


def test_a_network_gives_the_same_bytes_with_the_model_of_the_instructions_and_without(
    host_gcc: None, network: bytes, tmp_path: Path
) -> None:
    compiled = compile_tflite(network, esp32s3_vectors=True)
    assert [step.function for step in compiled.steps].count("edge_wide_dot_twice") == 2
    assert [step.function for step in compiled.steps].count("edge_wide_dot_once") == 1
    frames = np.random.default_rng(0).integers(-128, 128, (20, 6, 10, 3), dtype=np.int8)
    expected = Int8Interpreter(read_tflite(network, "the sketch")).run(frames).reshape(len(frames), -1)
    for modelled in (False, True):
        folder = tmp_path / str(modelled)
        write_compiled(compiled, folder)
        if modelled:
            source = folder / "edge_model.c"
            source.write_text((WIDE / "model.h").read_text() + source.read_text())
        assert np.array_equal(run_on_host(folder, frames), expected)


def test_nobody_gets_them_without_asking(network: bytes) -> None:
    compiled, wide = compile_tflite(network), compile_tflite(network, esp32s3_vectors=True)
    assert (compiled.esp32s3_vectors, wide.esp32s3_vectors) == (False, True)
    assert not any("ee." in file.text for file in compiled.files)
    require_generated(wide, network, "a run")  # C that is asked for is not somebody else's
    text = next(file.text for file in wide.files if file.name == "edge_model.c")
    assert "UNVERIFIED" in text
    assert re.search(r"edge_data\w*_weights\[\d+\] EDGE_ALIGNED\(16\)|_weights\[\d+\] EDGE_ALIGNED\(16\)", text)
    # Behind the switch of the compiler, every one of them.
    outside = re.sub(r"#if defined\(EDGE_ESP32S3\).*?#else", "", text, flags=re.DOTALL)
    assert '__asm__ volatile("ee.' in text
    assert '"ee.' not in outside
