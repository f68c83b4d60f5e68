"""All rewrites, one after the other."""

import tf_keras

from edge_nas.graph.fold import fold_batchnorm
from edge_nas.graph.substitute import substitute
from edge_nas.quantization.layers import activations, affine, merges, noise, one_row, separable, transposed

# Splitting comes first: a BatchNorm behind a SeparableConv2D can then be folded into the pointwise part.
_BEFORE_FOLDING = (separable, noise, activations)


def rewrite(model: tf_keras.Model) -> tf_keras.Model:
    """Returns an equal network (up to rounding, in inference) without layers that TFMOT's scheme cannot take."""
    return substitute(merges.pairwise(simplify(model)), transposed.chain)


def simplify(model: tf_keras.Model) -> tf_keras.Model:
    """Returns an equal network (up to rounding, in inference) whose kernels are those that the converter will store.

    BatchNorm is folded: otherwise a kernel would be quantized before the gain that the converter multiplies into it.
    """
    model = one_row.over_rows(model)
    for rule in _BEFORE_FOLDING:
        model = substitute(model, rule.chain)
    return substitute(fold_batchnorm(model), affine.chain)
