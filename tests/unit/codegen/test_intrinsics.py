"""Arithmetic in edge_intrinsics.h that a core's instructions do not have, against the same in 64 bits."""

import subprocess

from edge_nas.codegen.emission import intrinsics

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
