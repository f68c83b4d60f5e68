"""Zeroed weights on their way into the int8 file: how many there are, and what they do to the compressed file.

int8 weights have zero point 0, so a weight of zero is the code 0, and training with fake quantization keeps it there.
"""

import gzip

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.core.config import QuantizeSpec
from edge_nas.graph.tflite import to_tflite
from edge_nas.graph.zeros import zero_share
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization.ptq import post_training
from edge_nas.quantization.qat import quantization_aware
from edge_nas.results.quantize import SparsityReport, SparsityRow

# Depthwise kernels are left out, because TFMOT zeroes none of their weights (see `edge_nas.pruning.sparsity`).
_WITH_KERNEL = ("CONV_2D", "FULLY_CONNECTED")


def sparsity_report(
    spec: QuantizeSpec,
    dense: tf_keras.Model,
    sparse: tf_keras.Model,
    *,
    trained: tf_keras.Model | None,
    data: bytes,
    inputs: npt.NDArray[np.float32],
    input_range: tuple[float, float] | None,
) -> SparsityReport:
    """Returns zeros and sizes of the int8 file, beside those of the network whose weights were not zeroed.

    That one is converted the same way, but not trained with fake quantization: for its size that makes no difference.

    Args:
        spec: how the file was made.
        dense: float network before its weights were zeroed.
        sparse: float network after that.
        trained: its fake-quantized form after training, or None.
        data: the int8 file made of it.
        inputs: calibration inputs (N, ...) float32.
        input_range: see `calibrate`.
    """
    if spec.scheme == "ptq":
        other = post_training(dense, inputs, activations=spec.activations)
    else:
        other = to_tflite(quantization_aware(dense, inputs, input_range), int8=True)
    return SparsityReport(dense=_row(dense, None, other), sparse=_row(sparse, trained, data))


def _row(network: tf_keras.Model, trained: tf_keras.Model | None, data: bytes) -> SparsityRow:
    kernels = int8_kernels(data)
    zeros = sum(int(np.sum(kernel == 0)) for kernel in kernels)
    weights = sum(kernel.size for kernel in kernels)
    return SparsityRow(
        float_zeros=zero_share(network),
        trained_zeros=None if trained is None else zero_share(trained),
        int8_zeros=zeros / weights,
        file_bytes=len(data),
        gzip_bytes=len(gzip.compress(data, mtime=0)),
    )


def int8_kernels(data: bytes) -> list[npt.NDArray[np.int8]]:
    """Returns the int8 constants that convolutions and dense layers read, depthwise ones apart."""
    graph = read_tflite(data, "model_int8.tflite")
    kernels = []
    for operator in graph.operators:
        if operator.kind not in _WITH_KERNEL:
            continue
        kernel = graph.tensors[operator.inputs[1]].data
        if kernel is not None:
            kernels.append(kernel)
    return kernels
