import numpy as np
import pytest
from int8graphs.single import Given, parsed, run, single

from edge_nas.int8.operands import CodeTensor
from edge_nas.int8.operators.lookup import all_codes, quantized_function


def test_a_table_has_an_entry_for_every_code_and_cannot_change() -> None:
    table = parsed(single("RELU", [Given((1, 2), 1.0, -5)], Given((1, 2), 1.0, -5))).table
    assert (table.shape, table.dtype) == ((256,), np.dtype(np.int8))
    np.testing.assert_array_equal(table, np.maximum(all_codes(), -5))
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 1


def test_the_lowest_code_is_the_first_entry() -> None:
    graph = single("RELU", [Given((1, 3), 1.0, 127)], Given((1, 3), 1.0, -128))
    np.testing.assert_array_equal(run(graph, [[-128, 0, 127]]), [[-128, -128, -128]])


def test_functions_are_rounded_away_from_zero() -> None:
    source, output = CodeTensor(0, (1,), 0.5, 0, False), CodeTensor(1, (1,), 1.0, 10, False)
    entries = quantized_function(source, output, lambda values: values)
    np.testing.assert_array_equal(entries[128 - 3 : 128 + 4], np.array([-2, -1, -1, 0, 1, 1, 2]) + 10)
