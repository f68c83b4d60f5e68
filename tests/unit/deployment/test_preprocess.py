"""Sensor values to codes: the C gives what training computes, of every value and every dtype."""

import subprocess
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pytest

from edge_nas.core.preprocessing import PIXELS, Preprocessing
from edge_nas.core.samples import SampleFormat
from edge_nas.deployment.preprocess import Preprocess, codes_of, line_through, preprocess_of, why_no_pixels
from edge_nas.emulation import find_core
from edge_nas.emulation.emulate import run_on_core
from edge_nas.errors import ArtifactError
from edge_nas.int8.arithmetic import quantize
from edge_nas.results.artifacts import TensorSpec

PROGRAM = """
#include "edge_preprocess.h"
#include <stdio.h>
static {type} values[{count}];
static {code_type} codes[{count}];
int main(void)
{{
    if (fread(values, sizeof values[0], {count}, stdin) != {count}) return 1;
    edge_preprocess(values, codes, {count});
    return fwrite(codes, sizeof codes[0], {count}, stdout) != {count};
}}
"""

AS_NETWORK = """
#include "edge_model.h"
#include "edge_preprocess.h"
static {type} values[{count}];
static {code_type} codes[{count}];
int8_t *edge_model_input(void) {{ return (int8_t *)values; }}
void edge_model_run(void) {{ edge_preprocess(values, codes, {count}); }}
const int8_t *edge_model_output(void) {{ return (const int8_t *)codes; }}
"""
"""What an emulated core runs in the place of a network: one frame of values becomes codes."""
AS_NETWORK_HEADER = """
#ifndef EDGE_MODEL_H
#define EDGE_MODEL_H
#include <stdint.h>
#define EDGE_MODEL_INPUT_BYTES {input_bytes}
#define EDGE_MODEL_OUTPUT_BYTES {output_bytes}
#define EDGE_MODEL_ARENA_BYTES 4
int8_t *edge_model_input(void);
void edge_model_run(void);
const int8_t *edge_model_output(void);
#endif
"""


def spec(scale: float | None, zero_point: int | None, dtype: str = "int8") -> TensorSpec:
    return TensorSpec(name="image", shape=(1, 4, 4, 3), dtype=dtype, scale=scale, zero_point=zero_point)


def write_c(sample: SampleFormat, made: Preprocess, folder: Path) -> None:
    template = resources.files("edge_nas.deployment").joinpath("templates/src/edge_preprocess.h").read_text()
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    header = environment.from_string(template).render(sample=sample, c_type=made.c_type, code_type=made.code_type)
    (folder / "edge_preprocess.c").write_text(made.source)
    (folder / "edge_preprocess.h").write_text(header)


def run_c(sample: SampleFormat, made: Preprocess, values: np.ndarray, folder: Path) -> list[int]:
    write_c(sample, made, folder)
    program = PROGRAM.format(type=made.c_type, code_type=made.code_type, count=values.size)
    (folder / "main.c").write_text(program)
    # What lets GCC fuse a product and a sum wherever it may, on a core that can.
    command = ["gcc", "-std=gnu99", "-O2", "-ffp-contract=fast", "-Wall", "-Wextra", "-Werror", "main.c"]
    subprocess.run([*command, "edge_preprocess.c", "-o", "program"], cwd=folder, check=True)
    done = subprocess.run([folder / "program"], input=values.tobytes(), capture_output=True, check=True)
    return np.frombuffer(done.stdout, made.code_type.removesuffix("_t")).tolist()


def every(dtype: str, channels: int) -> np.ndarray:
    """All values of an integer type, or floats of every size, zeros and infinities of both signs among them."""
    if dtype == "float32":
        bits = np.random.default_rng(0).integers(0, 2**32, 20_000, np.uint32).view(np.float32)
        near = np.linspace(-4, 4, 40_001, dtype=np.float32)
        column = np.concatenate([bits[np.isfinite(bits)], near, np.float32([0.0, -0.0])])
    else:
        column = np.arange(np.iinfo(dtype).min, np.iinfo(dtype).max + 1).astype(dtype)
    return np.repeat(column[:, np.newaxis], channels, axis=1)


FORMULAS = [
    (PIXELS, 2 / 255, 0),
    (PIXELS, 0.007843137718737125, -1),
    (PIXELS, 0.0041, -50),
    (Preprocessing(divisor=255.0, offset=0.0), 1 / 255, -128),
    (Preprocessing(divisor=1.0, offset=0.0), 1.0, -128),
    (Preprocessing(divisor=1.0, offset=0.0), 1.0, 0),
    (Preprocessing(divisor=32768.0, offset=0.0), 1 / 128, 0),
    (Preprocessing(divisor=2047.5, offset=-0.31), 0.0123, 17),
    (Preprocessing(divisor=(981.3, 12.7, 40000.0), offset=(-1.1, 0.0, 7.3)), 0.0317, -9),
]


@pytest.mark.usefixtures("host_gcc")
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "float32"])
@pytest.mark.parametrize(("formula", "scale", "zero_point"), FORMULAS)
def test_every_value_becomes_the_code_of_training(
    dtype: Any, formula: Preprocessing, scale: float, zero_point: int, tmp_path: Path
) -> None:
    sample, own_spec = SampleFormat(shape=(128, 3), dtype=dtype, preprocessing=formula), spec(scale, zero_point)
    values = every(dtype, 3)
    made = preprocess_of(sample, own_spec)
    with np.errstate(over="ignore"):
        inputs = formula.apply(values)
    expected = quantize(np.clip(inputs, -1e30, 1e30), scale, zero_point)
    assert run_c(sample, made, values, tmp_path) == expected.reshape(-1).tolist()
    # Where sums of floats lie beside the halves on which int16 values fall, no line is as irregular.
    assert (" / divisors[channel]" in made.source) == (
        dtype == "float32" or (formula == PIXELS and "16" in dtype and scale > 0.005)
    )


ON_CORES = [
    *product(["cortex-m0plus", "cortex-m4", "rv32imac"], ["uint8", "int16", "float32"]),
    ("lx106", "uint8"),
    ("lx106", "int16"),  # its floating point is in the chip's ROM
]


@pytest.mark.mcu
@pytest.mark.parametrize(("core", "dtype"), ON_CORES)
def test_a_core_gives_the_codes_of_training(core: str, dtype: Any, tmp_path: Path) -> None:
    formula = Preprocessing(divisor=(981.3, 12.7, 40000.0), offset=(-1.1, 0.0, 7.3))
    sample, own_spec = SampleFormat(shape=(128, 3), dtype=dtype, preprocessing=formula), spec(0.0317, -9)
    made = preprocess_of(sample, own_spec)
    values = every(dtype, 3)
    values = values[: len(values) // 256 * 256].reshape(-1, 256 * 3)
    write_c(sample, made, tmp_path)
    sizes = {"input_bytes": values[0].nbytes, "output_bytes": values.shape[1]}
    (tmp_path / "edge_model.h").write_text(AS_NETWORK_HEADER.format(**sizes))
    network = AS_NETWORK.format(type=made.c_type, code_type=made.code_type, count=values.shape[1])
    (tmp_path / "edge_model.c").write_text(network)
    with np.errstate(over="ignore"):
        inputs = formula.apply(values.reshape(-1, 3))
    expected = quantize(np.clip(inputs, -1e30, 1e30), 0.0317, -9)
    np.testing.assert_array_equal(
        run_on_core(find_core(core), tmp_path, values).outputs.reshape(-1), expected.reshape(-1)
    )


@pytest.mark.usefixtures("host_gcc")
def test_what_is_no_number_gets_the_lowest_code_and_fast_math_is_refused(tmp_path: Path) -> None:
    sample = SampleFormat(shape=(3,), dtype="float32")
    made = preprocess_of(sample, spec(0.1, 3))
    values = np.float32([np.nan, np.inf, -np.inf])
    assert run_c(sample, made, values, tmp_path) == [-128, 127, -128]
    command = ["gcc", "-ffast-math", "-c", "edge_preprocess.c"]
    refused = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert "codes would differ from those of training" in refused.stderr


@pytest.mark.parametrize(
    ("dtype", "formula", "scale", "zero_point", "expected"),
    [
        ("uint8", Preprocessing(divisor=255.0, offset=0.0), 1 / 255, -128, "(int8_t)(pixels[i] - 128)"),
        ("uint8", PIXELS, 2 / 255, 0, "codes_of[pixels[i]]"),
        ("int8", Preprocessing(divisor=1.0, offset=0.0), 1.0, 0, "codes[i] = pixels[i];"),
        ("int16", Preprocessing(divisor=32768.0, offset=0.0), 1 / 128, 0, ">> shifts[channel]"),
    ],
)
def test_the_shortest_way_is_taken(
    dtype: Any, formula: Preprocessing, scale: float, zero_point: int, expected: str
) -> None:
    made = preprocess_of(SampleFormat(shape=(4, 4, 3), dtype=dtype, preprocessing=formula), spec(scale, zero_point))
    assert expected in made.source
    assert made.constant_bytes == (256 if "codes_of" in expected else 13 if "shifts" in expected else 0)


def test_codes_on_no_line_have_none() -> None:
    values = np.arange(-4, 4)
    assert line_through(values, np.array([-1, -1, -1, 0, 0, 0, 0, 1], np.int8), 0.5, 0) is None
    line = line_through(values, np.array([-2, -2, -1, -1, 0, 0, 1, 1], np.int8), 0.5, 0)
    assert line is not None
    assert line.codes_of(values).tolist() == [-2, -2, -1, -1, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("scale", "zero_point"),
    [
        (2 / 255, 0),
        (0.007843137718737125, -1),
        (1.92 / 255, 4),  # [-1.0, 0.92]: no picture was quite white
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_an_input_of_scaled_pixels_is_known_by_its_range(scale: float, zero_point: int, channels: int) -> None:
    image = spec(scale, zero_point).model_copy(update={"shape": (1, 4, 4, channels)})
    assert why_no_pixels(image) is None


@pytest.mark.parametrize(
    ("shape", "scale", "zero_point", "reason"),
    [
        ((1, 96, 96, 3), 1 / 255, -128, "takes [0, 1], not the [-1, 1] of pixel / 127.5 - 1;"),
        ((1, 96, 96, 3), 1.0, -128, "takes [0, 255], not the [-1, 1]"),
        ((1, 96, 96, 3), 1.0, 0, "takes [-128, 127], not the [-1, 1]"),
        ((1, 96, 96, 3), 1.8 / 255, 14, "takes [-1, 0.798], not the [-1, 1]"),
        ((1, 49, 10, 1), 0.5847029, 83, "takes [-123, 25.7], not the [-1, 1]"),
        ((1, 640), 2 / 255, 0, "of shape (1, 640) is not one image of 1 or 3 channels;"),
        ((1, 3, 96, 96), 2 / 255, 0, "of shape (1, 3, 96, 96) is not one image"),
        ((2, 96, 96, 3), 2 / 255, 0, "of shape (2, 96, 96, 3) is not one image"),
    ],
)
def test_any_other_input_is_told_with_its_codes(
    shape: tuple[int, ...], scale: float, zero_point: int, reason: str
) -> None:
    why = why_no_pixels(spec(scale, zero_point).model_copy(update={"shape": shape}))
    assert why is not None
    assert reason in why
    sign = "-" if zero_point < 0 else "+"
    assert f"scale {scale:.9g} and zero point {zero_point} " in why
    assert f"round(x / {scale:.9g}) {sign} {abs(zero_point)}, at least -128 and at most 127" in why


def test_an_input_without_a_scale_is_refused() -> None:
    with pytest.raises(ArtifactError, match="'image' is int8 and has no scale"):
        why_no_pixels(spec(None, None))
    with pytest.raises(ArtifactError, match="'image' is int8 and has no scale"):
        codes_of(SampleFormat(shape=(1,)), spec(None, None), np.zeros(1))


@pytest.mark.usefixtures("host_gcc")
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "float32"])
@pytest.mark.parametrize(
    ("formula", "scale"),
    [(PIXELS, 1 / 32768), (Preprocessing(divisor=(981.3, 12.7, 40000.0), offset=(-1.1, 0.0, 7.3)), 0.00031)],
)
def test_codes_of_sixteen_bits_are_those_of_training(
    dtype: Any, formula: Preprocessing, scale: float, tmp_path: Path
) -> None:
    sample, own_spec = SampleFormat(shape=(128, 3), dtype=dtype, preprocessing=formula), spec(scale, 0, "int16")
    values = every(dtype, 3)
    made = preprocess_of(sample, own_spec)
    with np.errstate(over="ignore"):
        inputs = formula.apply(values)
    expected = quantize(np.clip(inputs, -1e30, 1e30), scale, 0, "int16")
    assert made.code_type == "int16_t"
    assert run_c(sample, made, values, tmp_path) == expected.reshape(-1).tolist()


def test_pixels_as_codes_of_sixteen_bits_are_known_by_their_range() -> None:
    assert why_no_pixels(spec(1 / 32768, 0, "int16")) is None
    assert "at least -32768 and at most 32767" in str(why_no_pixels(spec(1 / 100, 0, "int16")))
