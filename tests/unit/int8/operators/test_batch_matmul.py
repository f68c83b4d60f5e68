import numpy as np
import pytest
from int8graphs.single import Given, check_equal, check_random_layers, constant, parsed, run, single

from edge_nas.errors import ArtifactError
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.reader import read_tflite

PLAIN = {"AdjX": 0, "AdjY": 0}


def test_random_layers_give_the_reference_bytes() -> None:
    check_random_layers("BATCH_MATMUL", 40)


def test_a_product_of_two_computed_matrices_is_the_integers_one() -> None:
    graph = single("BATCH_MATMUL", [Given((1, 2, 3), 1.0), Given((1, 3, 2), 1.0)], Given((1, 2, 2), 1.0), PLAIN)
    a, b = np.arange(6).reshape(1, 2, 3), np.arange(-3, 3).reshape(1, 3, 2)
    np.testing.assert_array_equal(run(graph, a, b), a @ b)
    check_equal(graph)


def test_every_element_of_the_output_is_a_sum_of_products() -> None:
    graph = single("BATCH_MATMUL", [Given((1, 4, 5)), constant(np.ones((5, 7)))], Given((1, 4, 7)), PLAIN)
    assert tflite_cost(read_tflite(graph.data, "one"), 0).macs == 4 * 5 * 7
    check_equal(graph)


def test_matrices_that_do_not_meet_are_refused() -> None:
    with pytest.raises(ArtifactError, match="matrices of 2 x 3 and 4 x 2 have no product"):
        parsed(single("BATCH_MATMUL", [Given((1, 2, 3)), Given((1, 4, 2))], Given((1, 2, 2)), PLAIN))
