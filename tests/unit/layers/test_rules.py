"""What rules answer to questions that are not theirs, and to layers whose weights are shared by all channels."""

import numpy as np
import pytest
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.layers import Elementwise, Mixing, PerChannel

L = tf_keras.layers


def built(layer, shape):
    layer(np.zeros((1, *shape), np.float32))
    return layer


@pytest.mark.parametrize("question", ["kernel", "ignore"])
def test_a_rule_that_reads_no_channels_refuses_the_questions_about_readers(question: str) -> None:
    arguments = [L.ReLU(name="relu")] if question == "kernel" else [L.ReLU(name="relu"), [0]]
    with pytest.raises(GraphError, match="Elementwise is no rule of a layer that reads channels; relu has it"):
        getattr(Elementwise(), question)(*arguments)


def test_mixing_finds_the_channel_axes_of_a_kernel_wherever_they_are() -> None:
    convolution = built(L.Conv2D(4, 3, name="plain"), (8, 8, 5))
    transposed = built(L.Conv2DTranspose(4, 3, name="up"), (8, 8, 5))
    assert Mixing("filters").kernel(convolution).shape == (3, 3, 5, 4)
    assert Mixing("filters", input_axis=-1, output_axis=-2).kernel(transposed).shape == (3, 3, 5, 4)


def test_mixing_slices_and_ignores() -> None:
    dense = built(L.Dense(4), (5,))
    kernel, bias = dense.get_weights()
    changes, (narrow_kernel, narrow_bias) = Mixing("units").narrow(dense, [[1, 4]], [0, 2, 3])
    assert changes == {"units": 3}
    np.testing.assert_array_equal(narrow_kernel, kernel[np.ix_([1, 4], [0, 2, 3])])
    np.testing.assert_array_equal(narrow_bias, bias[[0, 2, 3]])
    ignoring = Mixing("units").ignore(dense, [0, 2, 3])[0]
    assert not ignoring[[0, 2, 3]].any()
    np.testing.assert_array_equal(ignoring[[1, 4]], kernel[[1, 4]])


def test_slopes_that_all_channels_share_are_not_sliced() -> None:
    inputs = L.Input((8, 8, 5))
    shared, own = L.PReLU(shared_axes=[1, 2, 3]), L.PReLU(shared_axes=[1, 2])
    tf_keras.Model(inputs, own(shared(inputs)))
    assert PerChannel().narrow(shared, [[0, 1]], [0, 1])[1][0].shape == (1, 1, 1)
    assert PerChannel().narrow(own, [[0, 1]], [0, 1])[1][0].shape == (1, 1, 2)
