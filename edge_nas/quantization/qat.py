"""A float network with TFMOT's fake quantization in it, ranges calibrated."""

import numpy as np
import numpy.typing as npt
import tensorflow_model_optimization as tfmot
import tf_keras

from edge_nas.core.preprocessing import Preprocessing
from edge_nas.errors import GraphError
from edge_nas.graph.fold import fold_batchnorm
from edge_nas.quantization.ranges import calibrate


def quantization_aware(
    model: tf_keras.Model, inputs: npt.NDArray[np.float32], preprocessing: Preprocessing | None = None
) -> tf_keras.Model:
    """Returns a network that computes in inference what the int8 file made from it will compute.

    BatchNorm is folded first: TFMOT would quantize the kernel before the gain that the converter later multiplies
    into it.

    Args:
        model: flat float network; not changed.
        inputs: calibration inputs (N, ...) float32.
        preprocessing: see `calibrate`.

    Raises:
        GraphError: TFMOT's 8-bit scheme has no entry for a layer; its name and kind are in the message.
    """
    folded = fold_batchnorm(model)
    try:
        quantized = tfmot.quantization.keras.quantize_model(folded)
    except (RuntimeError, ValueError) as error:
        raise GraphError(f"network {model.name!r} cannot be quantized by TFMOT's 8-bit scheme: {error}") from error
    calibrate(quantized, inputs, preprocessing)
    return quantized
