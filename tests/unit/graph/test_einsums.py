"""tf.einsum as a product of matrices: the same numbers, and what it is not."""

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.flatten import flatten

L = tf_keras.layers

SHAPES = {
    "nthd,nshd->nhts": ((5, 2, 3), (4, 2, 3)),
    "aecd,abcd->acbe": ((4, 2, 3), (5, 2, 3)),
    "acbe,aecd->abcd": ((2, 5, 4), (4, 2, 3)),
    "nij,njk->nik": ((48, 70), (70, 50)),  # long sums: in another order their last bits differ
    "nij, nkj -> nki": ((5, 4), (3, 4)),
}


def network(equation: str, shapes) -> tf_keras.Model:
    inputs = [L.Input(shape) for shape in shapes]
    return tf_keras.Model(inputs, tf.einsum(equation, *inputs))


@pytest.mark.parametrize("equation", SHAPES)
def test_a_product_of_matrices_is_a_matmul_between_exchanged_axes(equation: str) -> None:
    flat = flatten(network(equation, SHAPES[equation]))
    assert {type(layer).__name__ for layer in flat.layers} <= {"InputLayer", "Permute", "TFOpLambda"}
    generator = np.random.default_rng(0)
    given = [generator.normal(size=(2, *shape)).astype(np.float32) for shape in SHAPES[equation]]
    np.testing.assert_allclose(flat(given), np.einsum(equation.replace(" ", ""), *given), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [("nij,njk->ni", ((5, 4), (4, 3))), ("nijd,nkjd->nik", ((5, 4, 3), (6, 4, 3))), ("nij,mjk->nik", ((5, 4), (4, 3)))],
)
def test_another_einsum_is_refused_by_name(equation: str, shapes) -> None:
    with pytest.raises(GraphError, match=r"tf.einsum 'einsum' of equation .*write it with tf.matmul"):
        flatten(network(equation, shapes))
