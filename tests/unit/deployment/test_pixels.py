import subprocess
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from edge_nas.core.preprocessing import Preprocessing
from edge_nas.deployment.pixels import is_sign_flip, pixel_codes, preprocess_source, why_no_pixels
from edge_nas.errors import ArtifactError
from edge_nas.int8.arithmetic import quantize
from edge_nas.results.artifacts import TensorSpec

ALL = np.arange(256, dtype=np.uint8)
PROGRAM = """
#include "edge_preprocess.h"
#include <stdio.h>
int main(void)
{
    static uint8_t pixels[256];
    for (int i = 0; i < 256; i++) pixels[i] = (uint8_t)i;
    edge_preprocess(pixels, (int8_t *)pixels, 256);
    return fwrite(pixels, 1, 256, stdout) != 256;
}
"""


def spec(scale: float | None, zero_point: int | None) -> TensorSpec:
    return TensorSpec(name="image", shape=(1, 4, 4, 3), dtype="int8", scale=scale, zero_point=zero_point)


@pytest.mark.usefixtures("host_gcc")
@pytest.mark.parametrize(
    ("preprocessing", "scale", "zero_point", "formula"),
    [
        (Preprocessing(), 2 / 255, 0, False),
        (Preprocessing(), 0.007843137718737125, -1, False),
        (Preprocessing(), 0.0041, -50, False),
        (Preprocessing(divisor=255.0, offset=0.0), 1 / 255, -128, True),
        (Preprocessing(divisor=1.0, offset=0.0), 1.0, -128, True),
    ],
)
def test_all_256_values_are_those_of_training(
    preprocessing: Preprocessing, scale: float, zero_point: int, *, formula: bool, tmp_path: Path
) -> None:
    codes = pixel_codes(preprocessing, spec(scale, zero_point))
    expected = quantize(preprocessing.apply(ALL), scale, zero_point)
    assert (codes == expected).all()
    assert is_sign_flip(codes) == formula
    source = preprocess_source(codes)
    assert ("codes_of[256]" in source) != formula
    (tmp_path / "edge_preprocess.c").write_text(source)
    header = resources.files("edge_nas.deployment").joinpath("templates/src/edge_preprocess.h").read_text()
    (tmp_path / "edge_preprocess.h").write_text(header)
    (tmp_path / "main.c").write_text(PROGRAM)
    command = ["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "main.c", "edge_preprocess.c", "-o", "program"]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "program"], capture_output=True, check=True)
    assert np.frombuffer(done.stdout, np.int8).tolist() == expected.tolist()


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
    assert why_no_pixels(Preprocessing(), image) is None


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
    why = why_no_pixels(Preprocessing(), spec(scale, zero_point).model_copy(update={"shape": shape}))
    assert why is not None
    assert reason in why
    sign = "-" if zero_point < 0 else "+"
    assert f"scale {scale:.9g} and zero point {zero_point} " in why
    assert f"round(x / {scale:.9g}) {sign} {abs(zero_point)}, at least -128 and at most 127" in why


def test_the_formula_it_is_held_against_is_the_given_one() -> None:
    unit = spec(1 / 255, -128)
    assert why_no_pixels(Preprocessing(divisor=255.0, offset=0.0), unit) is None
    why = why_no_pixels(Preprocessing(divisor=255.0, offset=0.0), spec(2 / 255, 0))
    assert why is not None
    assert "not the [0, 1] of pixel / 255 + 0;" in why


def test_an_input_without_a_scale_is_refused() -> None:
    with pytest.raises(ArtifactError, match="'image' is int8 and has no scale"):
        why_no_pixels(Preprocessing(), spec(None, None))
    with pytest.raises(ArtifactError, match="'image' is int8 and has no scale"):
        pixel_codes(Preprocessing(), spec(None, None))
