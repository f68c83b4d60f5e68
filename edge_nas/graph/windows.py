"""Windows of Keras layers as rows and columns; a layer of one dimension has one row."""

from collections.abc import Sequence

import tf_keras

from edge_nas.int8.sketch import Window


def window_of(layer: tf_keras.layers.Layer, sizes: str = "kernel_size") -> Window:
    """Returns the window of a convolution, or of a pooling: `sizes` is what the layer calls its rows and columns."""
    kernel, strides, dilations = (
        rows_and_columns(getattr(layer, name, (1,))) for name in (sizes, "strides", "dilation_rate")
    )
    return Window(kernel, strides, "same" if layer.padding == "same" else "valid", dilations)


def rows_and_columns(sizes: Sequence[int]) -> tuple[int, int]:
    """Returns sizes along both, of sizes along columns alone as well."""
    rows, columns = (1, *sizes) if len(sizes) == 1 else sizes
    return int(rows), int(columns)
