"""A linear form of two codes: right for every pair, or none."""

import numpy as np
import pytest
from int8graphs import random_graph

from edge_nas.codegen.kernels.addition_sum import AdditionFlat
from edge_nas.codegen.linear import CODES, line_forms, linear_form, wrapped
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite


def evaluated(form, low, high):
    sums = form.first * CODES[:, np.newaxis] + form.second * CODES + form.constant
    assert np.abs(sums).max() + (128 << form.shift) < 2**31
    return np.clip(sums >> form.shift, low, high)


def test_a_known_plane_is_found():
    codes = np.clip((3 * CODES[:, np.newaxis] - 5 * CODES + 9) >> 3, -100, 90)
    form = linear_form(codes, (3 / 8, -5 / 8), -100, 90)
    assert form is not None
    np.testing.assert_array_equal(evaluated(form, -100, 90), codes)


def test_codes_on_no_plane_have_no_form():
    codes = np.clip((CODES[:, np.newaxis] * CODES) >> 7, -128, 127)
    assert linear_form(codes, (0.5, 0.5), -128, 127) is None


def test_lines_share_a_shift():
    codes = np.stack([np.clip((7 * CODES + 5) >> 4, -90, 127), np.clip(-CODES, -90, 127), np.full(256, -90)])
    lines = line_forms(codes, np.array([7 / 16, -1, 0]), -90, 127)
    assert lines is not None
    assert len({line.shift for line in lines}) == 1
    for line, wanted in zip(lines, codes, strict=True):
        found = np.clip((line.first * CODES + line.constant) >> line.shift, -90, 127)
        np.testing.assert_array_equal(found, wanted)
    assert line_forms(np.stack([codes[0], CODES * CODES % 50]), np.array([7 / 16, 1]), -90, 127) is None


@pytest.mark.parametrize("seed", range(12))
def test_sums_of_the_reference_have_one(seed):
    """All pairs are compared where the form is sought; here, that random layers do not go without."""
    graph = random_graph(seed, ("ADD", "SUB"), single=True)
    operators = Int8Interpreter(read_tflite(graph.data, "graph")).operators
    sums = [operator for operator in operators if operator.kind in ("ADD", "SUB")]
    assert sums
    assert all(AdditionFlat(operator).form is not None for operator in sums)


@pytest.mark.parametrize(("integer", "kept"), [(2**31, -(2**31)), (-(2**31) - 1, 2**31 - 1), (7, 7)])
def test_a_register_keeps_32_bits(integer, kept):
    assert wrapped(integer) == kept
