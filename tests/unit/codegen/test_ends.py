"""`edge_model_invoke` takes and gives what the file does; the int8 entry stays beside it."""

import re
import subprocess

import numpy as np
import pytest
from codegraphs import Case, run_merged
from int8graphs.ends import ENDS, ended, several_ends, stored
from int8graphs.reference import run_reference

from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.core.config import VerifySpec
from edge_nas.emulation import run_on_host
from edge_nas.verification import verify_model

FILES = {
    **{f"{before} to {after}": ended(before, after) for before in ENDS for after in ENDS},
    "int16 to uint8": ended("int16", "uint8"),
    "int32 to float32": ended("int32", "float32"),
    "int8 to int16": ended(None, "int16"),
    # Only zero points move: no table.
    "flips": ended("uint8", "uint8", scales=(0.09, 0.05), zero_points=(121, 108)),
}


def text(data: bytes, name: str) -> str:
    return next(file.text for file in compile_tflite(data).files if file.name == name)


def test_every_pair_of_ends_gives_the_reference_numbers(tmp_path):
    compiled = {name: compile_tflite(data) for name, data in FILES.items()}
    inputs = {name: stored(model.input.dtype) for name, model in compiled.items()}
    cases = [Case(compiled[name], inputs[name].reshape(60, -1)) for name in FILES]
    for name, output in zip(FILES, run_merged(cases, tmp_path), strict=True):
        (expected,) = run_reference(FILES[name], [inputs[name]])
        assert output.tobytes() == expected.tobytes(), name


def test_reals_beyond_all_codes_are_clipped(tmp_path):
    write_compiled(compile_tflite(ended("float32", None)), tmp_path)
    frames = np.zeros((1, 35), np.float32)
    frames[0, :6] = [np.inf, -np.inf, np.nan, 3e38, -3e38, 0.49999997 * 0.09]
    (output,) = run_on_host(tmp_path, frames)
    # RELU of -128 and of the zero point is the output's zero point, -20; 127 stands for 0.09 * 134 = 12.06.
    assert output[:6].tolist() == [127, -20, -20, 127, -20, -20]


def test_the_header_tells_both_sides():
    header = text(FILES["float32 to uint8"], "edge_model.h")
    defined = dict(re.findall(r"^#define EDGE_MODEL_(\w+) (.+)$", header, re.MULTILINE))
    assert (defined["INPUT_TYPE"], defined["INPUT_BYTES"], defined["INPUT_CODES"]) == ("float", "140", "35")
    assert (defined["OUTPUT_TYPE"], defined["OUTPUT_BYTES"], defined["OUTPUT_CODES"]) == ("uint8_t", "35", "35")
    assert (defined["CONVERTS"], defined["INPUT_ZERO_POINT"]) == ("1", "(-7)")


def test_a_table_is_made_only_where_more_than_the_sign_flips():
    source = text(FILES["uint8 to uint8"], "edge_model.c")
    assert "edge_input_codes[256]" in source
    assert "edge_output_bytes[256]" in source
    source = text(FILES["flips"], "edge_model.c")
    assert "edge_input_codes" not in source
    assert "edge_output_bytes" not in source
    assert "codes[i] = (int8_t)(input[i] - 128)" in source


def test_int8_files_have_no_floats():
    assert "float" not in re.sub(r"/\*.*?\*/", "", text(FILES["None to None"], "edge_model.c"), flags=re.DOTALL)


@pytest.mark.parametrize("name", ["float32 to float32", "uint8 to uint8"])
def test_verify_drives_the_file_s_own_ends(name):
    data = FILES[name]
    report = verify_model(
        VerifySpec(inputs=20, slow_inputs=10, core_inputs=5, cores=()), data, compile_tflite(data), source="ends"
    )
    assert [program.skipped for program in report.programs if program.name != "tflite-micro"] == [None] * 3


def test_of_several_ends_each_has_a_number_and_its_name_in_the_file():
    header = text(several_ends(), "edge_model.h")
    assert "int8_t *edge_model_input_1(void);" in header
    assert "const int8_t *edge_model_output_2(void);" in header
    assert "/* output_1: t7 */\n#define EDGE_MODEL_OUTPUT_1_TYPE float\n" in header
    assert "#define EDGE_MODEL_INPUTS 2\n#define EDGE_MODEL_INPUT_BYTES 175\n" in header
    assert re.search(
        r"edge_model_invoke\(const EDGE_MODEL_INPUT_0_TYPE \*input_0,.* EDGE_MODEL_OUTPUT_2_TYPE \*output_2", header
    )
    assert "EDGE_MODEL_INPUT_TYPE" not in header


def test_verify_drives_several_ends():
    data = several_ends()
    report = verify_model(
        VerifySpec(inputs=20, slow_inputs=10, core_inputs=5, cores=()), data, compile_tflite(data), source="several"
    )
    assert [program.skipped for program in report.programs if program.name != "tflite-micro"] == [None] * 3


def test_several_ends_are_clean_for_strict_compilers_and_in_cpp(tmp_path):
    write_compiled(compile_tflite(several_ends()), tmp_path)
    warnings = ["-Wall", "-Wextra", "-Wconversion", "-Werror", "-c", "-o", "/dev/null"]
    (tmp_path / "firmware.cpp").write_text(
        '#include "edge_model.h"\nint8_t *first(void) { return edge_model_input_0(); }\n'
    )
    for command in (["gcc", "-std=c99", "edge_model.c"], ["g++", "firmware.cpp"]):
        subprocess.run([*command, *warnings], cwd=tmp_path, check=True)


@pytest.mark.mcu
@pytest.mark.parametrize("name", ["float32 to float32", "uint8 to uint8", "several"])
def test_cores_compute_the_ends_alike(name):
    data = several_ends() if name == "several" else FILES[name]
    compiled = compile_tflite(data)
    spec = VerifySpec(inputs=5, slow_inputs=5, core_inputs=5, step_cores=("cortex-m4",))
    report = verify_model(spec, data, compiled, source="ends")
    cores = dict(report.cores)
    if name != "uint8 to uint8":
        # Its compiler's library has no arithmetic in floating point: it is said, and no fault.
        assert "lx106: the network computes in floating point" in cores.pop("lx106").skipped
    for core in cores.values():
        assert core.bytes_equal
        # The frame and its answer are the user's, not the network's.
        assert compiled.arena_bytes <= core.ram_bytes <= compiled.arena_bytes + 64
    assert report.cores["cortex-m4"].steps
