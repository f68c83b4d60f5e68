"""The share of zeros in the kernels that TFMOT's magnitude pruning can zero."""

import numpy as np
import tf_keras

PRUNABLE = (tf_keras.layers.Conv2D, tf_keras.layers.Dense)
"""TFMOT 0.8.1 accepts depthwise layers as well but never prunes them."""


def zero_share(model: tf_keras.Model) -> float:
    """Returns the share of zeros, [0, 1], in the kernels of convolution and dense layers, depthwise ones apart.

    Layers inside TFMOT's wrappers count as well.
    """
    zeros = weights = 0
    for layer in model.layers:
        wrapped = getattr(layer, "layer", layer)
        if type(wrapped) not in PRUNABLE:
            continue
        for weight in layer.weights:
            # Not layer.kernel: in a wrapper for fake quantization that is what the variable was quantized to.
            if weight.name.split("/")[-1] == "kernel:0":
                kernel = weight.numpy()
                zeros += int(np.sum(kernel == 0))
                weights += kernel.size
    return zeros / weights
