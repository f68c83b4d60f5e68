"""The blocks of the reference networks."""

import pytest
import tensorflow as tf
import tf_keras

from edge_nas.graph.flatten import flatten
from edge_nas.models import DepthwiseSepConv, TripleConv


def kinds(flat) -> list[str]:
    return [type(layer).__name__ for layer in flat.layers[1:]]


@pytest.mark.parametrize(("strides", "size"), [(1, (7, 8)), (2, (4, 4))])
def test_depthwise_sep_conv(strides: int, size: tuple[int, int]) -> None:
    flat = flatten(tf_keras.Sequential([DepthwiseSepConv(5, strides=strides)]), (7, 8, 3))
    assert kinds(flat) == ["DepthwiseConv2D", "BatchNormalization", "ReLU", "Conv2D", "BatchNormalization", "ReLU"]
    assert flat.output_shape == (None, *size, 5)
    assert flat.count_params() == 27 + 4 * 3 + 15 + 4 * 5


def test_triple_conv() -> None:
    flat = flatten(tf_keras.Sequential([TripleConv(5)]), (7, 8, 3))
    block = ["DepthwiseConv2D", "BatchNormalization", "Conv2D", "BatchNormalization", "ReLU"]
    assert kinds(flat) == 3 * block
    assert flat.count_params() == (27 + 12 + 15 + 20) + 2 * (45 + 20 + 25 + 20)


def test_batchnorm_settles_within_a_short_run() -> None:
    block = DepthwiseSepConv(4)
    block(tf.zeros((1, 8, 8, 3)))
    assert {block.depthwise_bn.momentum, block.pointwise_bn.momentum} == {0.9}
