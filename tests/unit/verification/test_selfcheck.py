"""Generated C tried before it is written."""

import re

import pytest
from int8graphs import random_graph
from int8graphs.single import Given, single

from edge_nas.codegen import compile_tflite
from edge_nas.emulation.tools import HOST_GCC
from edge_nas.errors import EdgeNasError
from edge_nas.results.compile import CompiledModel, HostCheck
from edge_nas.verification import selfcheck


@pytest.fixture(scope="module")
def data() -> bytes:
    return random_graph(1, single=True).data


@pytest.fixture(scope="module")
def compiled(data: bytes) -> CompiledModel:
    return compile_tflite(data)


def changed(compiled: CompiledModel, pattern: str, by: str) -> CompiledModel:
    """Returns the C with the first match in edge_model.c replaced."""
    files = {file.name: file for file in compiled.files}
    text, count = re.subn(pattern, by, files["edge_model.c"].text, count=1)
    assert count == 1
    files["edge_model.c"] = files["edge_model.c"].model_copy(update={"text": text})
    return compiled.model_copy(update={"files": tuple(files.values())})


def test_right_c_is_equal_on_every_kind_of_frame(data: bytes, compiled: CompiledModel) -> None:
    assert selfcheck.check_on_host(data, compiled, "x.tflite") == HostCheck(inputs=8)


def test_c_that_computes_something_else_is_a_fault_of_ours(data: bytes, compiled: CompiledModel) -> None:
    wrong = changed(compiled, r"(memcpy\(output, [^;]*;)", r"\1 output[0] ^= 1;")
    message = r"x\.tflite: the C made of it is wrong, and none was written\. host: .*differs"
    with pytest.raises(EdgeNasError, match=message) as error:
        selfcheck.check_on_host(data, wrong, "x.tflite")
    assert error.value.exit_code == 1


def test_c_that_does_not_compile_is_a_fault_of_ours(data: bytes, compiled: CompiledModel) -> None:
    with pytest.raises(EdgeNasError, match="does not compile"):
        selfcheck.check_on_host(data, changed(compiled, r"\Z", "int"), "x.tflite")


def test_without_a_compiler_it_says_what_to_install(
    data: bytes, compiled: CompiledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(HOST_GCC), "path", None)
    check = selfcheck.check_on_host(data, compiled, "x.tflite")
    assert check.inputs == 0
    assert check.skipped is not None
    assert "gcc is missing" in check.skipped


def test_reference_kernels_that_end_their_process_leave_the_c_untried() -> None:
    # Nearly equal classes: frames of one code are among those tried.
    data = single("SOFTMAX", [Given((1, 600), 0.01, 5)], Given((1, 600), 1 / 256, -128), {"Beta": 1.0}).data
    check = selfcheck.check_on_host(data, compile_tflite(data), "wide.tflite")
    assert check.inputs == 0
    assert check.skipped is not None
    assert "ended their process with SIG" in check.skipped
