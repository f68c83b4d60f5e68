"""1x1 convolutions stay alive when they are made sparse and then quantized.

tensorflow/model-optimization issue 979: with TFMOT's scheme that preserves sparsity and clusters, training left nothing
but zeros in kernels of size 1x1. Ours keeps zeros in another way; this is the test that it does no such harm.
"""

from functools import partial

import numpy as np
import pytest
import tf_keras

from edge_nas.core.config import AugmentationSpec, FitSpec
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.graph.tflite import to_tflite
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization import quantization_aware
from edge_nas.quantization.ptq import post_training
from edge_nas.runs.progress import Silent

L = tf_keras.layers
WIDTHS = (6, 8, 4)


@pytest.fixture
def sparse() -> tf_keras.Model:
    """Four 1x1 convolutions: half of each kernel's weights are zero, and two outputs of one are empty."""
    tf_keras.utils.set_random_seed(0)
    inputs = x = L.Input((16, 16, 3), name="image")
    for number, width in enumerate(WIDTHS):
        x = L.Conv2D(width, 1, use_bias=False, name=f"point_{number}")(x)
        x = L.ReLU()(L.BatchNormalization(momentum=0.8)(x))
    model = tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x))
    for layer in model.layers:
        if isinstance(layer, L.Conv2D):
            kernel, *bias = layer.get_weights()
            kernel[np.abs(kernel) < np.median(np.abs(kernel))] = 0.0
            if layer.name == "point_1":
                kernel[..., :2] = 0.0
            layer.set_weights([kernel, *bias])
    return model


def pointwise_kernels(graph: Int8Graph) -> list[np.ndarray]:
    kernels = [graph.tensors[op.inputs[1]].data for op in graph.operators if op.kind == "CONV_2D"]
    assert [kernel.shape[1:3] for kernel in kernels] == [(1, 1)] * 4
    return kernels


@pytest.mark.parametrize("scheme", ["qat", "nearest", "covariance"])
def test_half_of_every_kernel_survives_and_its_zeros_do(sparse, easy_dataset, scheme) -> None:
    from edge_nas.training import fit

    inputs = Preprocessing().apply(easy_dataset.train.images)
    before = [layer.get_weights()[0] for layer in sparse.layers if isinstance(layer, L.Conv2D)]
    if scheme == "qat":
        quantized = quantization_aware(sparse, inputs, (-1.0, 1.0))
        train = partial(fit, dataset=easy_dataset, augmentation=AugmentationSpec(), seed=0, progress=Silent())
        spec = FitSpec(epochs=3, batch_size=8, learning_rate=0.01, decov_weight=0.0)
        train(quantized, spec, keep_zeros=True, keep_best=False)
        data = to_tflite(quantized, int8=True)
    else:
        data = post_training(sparse, inputs, rounding=scheme, bias_correction=scheme == "covariance")
    for was, now in zip(before, pointwise_kernels(read_tflite(data, "model.tflite")), strict=True):
        zeros = np.transpose(was, (3, 0, 1, 2)) == 0.0
        assert not now[zeros].any()
        assert (now[~zeros] != 0).mean() > 0.8
