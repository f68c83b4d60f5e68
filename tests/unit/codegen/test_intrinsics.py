"""Arithmetic of the kernels' headers: what a core's instructions lack; sigmoid and tanh, for every number."""

import subprocess

import numpy as np

from edge_nas.codegen.emission import intrinsics
from edge_nas.codegen.sources import resource
from edge_nas.int8 import fixed16

PROGRAM = """
#include "edge_intrinsics.h"
#include <stdio.h>

static const int32_t ends[] = {INT32_MIN, INT32_MIN + 1, -65537, -65536, -65535, -32769, -32768, -1, 0, 1, 2, 32767,
                               32768, 65535, 65536, 65537, 1 << 30, INT32_MAX - 1, INT32_MAX};
enum { count = sizeof(ends) / sizeof(ends[0]) };

static int wrong(int32_t a, int32_t b) {
  const int64_t product = (int64_t)a * b;
  return edge_smmla(a, b, 7) != edge_add((int32_t)(product >> 32), 7) ||
         edge_smmulr(a, b) != (int32_t)((product + ((int64_t)1 << 31)) >> 32) ||
         (product != (int64_t)1 << 62 && edge_multiply_high(a, b) != (int32_t)((product + (1 << 30)) >> 31));
}

int main(void) {
  int wrongs = 0;
  uint32_t random = 1;
  for (int i = 0; i < count; i++)
    for (int j = 0; j < count; j++) wrongs += wrong(ends[i], ends[j]);
  for (int i = 0; i < 1000000; i++) {
    const int32_t a = (int32_t)(random = random * 1664525u + 1013904223u);
    wrongs += wrong(a, (int32_t)(random = random * 1664525u + 1013904223u));
  }
  printf("%d %d", EDGE_THUMB, wrongs);
  return 0;
}
"""


def test_upper_halves_of_products_without_a_multiplication_to_64_bits(tmp_path):
    (tmp_path / "edge_intrinsics.h").write_text(intrinsics(), encoding="utf-8")
    (tmp_path / "products.c").write_text(PROGRAM, encoding="utf-8")
    # What tells ARMv6-M: its C is C for this machine as well.
    command = ["gcc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=undefined", "-D__thumb__"]
    subprocess.run([*command, "products.c", "-o", "products"], cwd=tmp_path, check=True)
    finished = subprocess.run([tmp_path / "products"], check=True, capture_output=True, text=True)
    assert finished.stdout == "1 0"


GATES = """
#include "edge_intrinsics.h"
#include <stdio.h>
#include "edge_fixed16.h"

int main(void) {
  for (int bits = -1; bits <= 6; bits++)
    for (int32_t x = -32768; x < 32768; x++) {
      const int16_t value = (int16_t)(bits < 0 ? edge_short_sigmoid(x) : edge_short_tanh(x, bits));
      fwrite(&value, sizeof value, 1, stdout);
    }
  return 0;
}
"""


def test_sigmoid_and_tanh_of_all_numbers_of_16_bits(tmp_path):
    (tmp_path / "edge_intrinsics.h").write_text(intrinsics(), encoding="utf-8")
    (tmp_path / "edge_fixed16.h").write_text(resource("edge_fixed16.h"), encoding="utf-8")
    (tmp_path / "gates.c").write_text(GATES, encoding="utf-8")
    command = ["gcc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=undefined"]
    subprocess.run([*command, "gates.c", "-o", "gates"], cwd=tmp_path, check=True)
    finished = subprocess.run([tmp_path / "gates"], check=True, capture_output=True)
    sigmoids, *tanhs = np.frombuffer(finished.stdout, np.int16).reshape(8, 65536)
    values = np.arange(-(2**15), 2**15).astype(np.int16)
    np.testing.assert_array_equal(sigmoids, fixed16.sigmoid(values))
    for bits, found in enumerate(tanhs):
        np.testing.assert_array_equal(found, fixed16.tanh(values, bits), err_msg=f"{bits} bits")
