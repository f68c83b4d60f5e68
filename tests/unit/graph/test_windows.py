import tf_keras

from edge_nas.graph.windows import rows_and_columns, window_of
from edge_nas.int8.sketch import Window

L = tf_keras.layers


def test_a_layer_of_one_dimension_has_one_row() -> None:
    assert window_of(L.Conv1D(4, 5, 2, padding="same")) == Window((1, 5), (1, 2), "same")
    assert window_of(L.MaxPooling1D(3, 2), "pool_size") == Window((1, 3), (1, 2), "valid")
    assert rows_and_columns((2, 3)) == (2, 3)


def test_a_causal_convolution_is_moved_as_one_that_does_not_pad() -> None:
    assert window_of(L.Conv1D(4, 5, padding="causal", dilation_rate=2)) == Window((1, 5), (1, 1), "valid", (1, 2))
