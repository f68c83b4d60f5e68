"""All rewrites, one after the other."""

import tf_keras

from edge_nas.graph.fold import fold_batchnorm
from edge_nas.graph.substitute import substitute
from edge_nas.quantization.layers import affine, convolution_1d, noise, separable, transposed

# Splitting comes first: a BatchNorm behind a SeparableConv2D can then be folded into the pointwise part.
_BEFORE_FOLDING = (separable, convolution_1d, noise)
_AFTER_FOLDING = (affine, transposed)


def rewrite(model: tf_keras.Model) -> tf_keras.Model:
    """Returns an equal network (up to rounding, in inference) without layers that TFMOT's scheme cannot take.

    BatchNorm is folded: TFMOT would quantize the kernel before the gain that the converter later multiplies into it.
    """
    for rule in _BEFORE_FOLDING:
        model = substitute(model, rule.chain)
    model = fold_batchnorm(model)
    for rule in _AFTER_FOLDING:
        model = substitute(model, rule.chain)
    return model
