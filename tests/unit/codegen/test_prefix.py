"""Two networks in one firmware."""

import subprocess

import pytest
from int8graphs.ends import ended, stored
from int8graphs.reference import run_reference

from edge_nas.codegen import compile_tflite, write_compiled
from edge_nas.codegen.prefix import with_prefix
from edge_nas.errors import ConfigError

MAIN = """
#include <stdio.h>
#include "first.h"
#include "second.h"
static FIRST_INPUT_TYPE a[FIRST_INPUT_CODES];
static FIRST_OUTPUT_TYPE x[FIRST_OUTPUT_CODES];
static SECOND_INPUT_TYPE b[SECOND_INPUT_CODES];
static SECOND_OUTPUT_TYPE y[SECOND_OUTPUT_CODES];
int main(void) {
  if (fread(a, 1, sizeof a, stdin) != sizeof a || fread(b, 1, sizeof b, stdin) != sizeof b) return 1;
  first_invoke(a, x);
  second_invoke(b, y);
  fwrite(x, 1, sizeof x, stdout);
  fwrite(y, 1, sizeof y, stdout);
  return 0;
}
"""


def test_two_networks_link_into_one_image_and_give_their_bytes(tmp_path):
    files = {"first": ended("float32", "uint8"), "second": ended(None, "float32")}
    inputs = {"first": stored("float32")[:1], "second": stored("int8")[:1]}
    for name, data in files.items():
        write_compiled(with_prefix(compile_tflite(data), name), tmp_path)
    names = ["edge_intrinsics.h", "first.c", "first.h", "second.c", "second.h"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    (tmp_path / "main.c").write_text(MAIN)
    command = ["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "main.c", "first.c", "second.c", "-o", "both"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    given = b"".join(inputs[name].tobytes() for name in files)
    found = subprocess.run([tmp_path / "both"], input=given, check=True, capture_output=True).stdout
    assert found == b"".join(run_reference(files[name], [inputs[name]])[0].tobytes() for name in files)


def test_the_default_changes_nothing():
    compiled = compile_tflite(ended(None, None))
    assert with_prefix(compiled, "edge_model") is compiled


@pytest.mark.parametrize("prefix", ["", "9lives", "Door", "a-b", "../x", "edge_intrinsics", "x" * 41])
def test_what_is_no_name_is_refused(prefix):
    with pytest.raises(ConfigError, match="prefix is"):
        with_prefix(compile_tflite(ended(None, None)), prefix)
