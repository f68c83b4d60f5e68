"""From a float network to its int8 file, by the scheme that the settings ask for."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.core.config import QuantizeSpec
from edge_nas.graph.tflite import to_tflite
from edge_nas.quantization.ptq import post_training
from edge_nas.quantization.qat import quantization_aware
from edge_nas.results.train import EpochRecord
from edge_nas.runs.progress import Tick
from edge_nas.runs.workspace import Fit


class Converted(NamedTuple):
    """The file, how training went, and the fake-quantized network that it was converted from, if there was one."""

    data: bytes
    history: tuple[EpochRecord, ...]
    fake_quantized: Any | None


def convert(
    network: tf_keras.Model,
    spec: QuantizeSpec,
    inputs: npt.NDArray[np.float32],
    *,
    input_range: tuple[float, float] | None,
    seed: int,
    fit: Fit,
    tick: Tick,
    keep_zeros: bool = False,
) -> Converted:
    """Returns the int8 file of a network.

    Args:
        network: flat float network; not changed.
        spec: the scheme, and how it is trained with fake quantization.
        inputs: calibration inputs (N, ...) float32.
        input_range: see `edge_nas.quantization.ranges.calibrate`.
        seed: of what is sampled.
        fit: trains in place on the data at hand; the teacher is the float network.
        tick: is told how far it is.
        keep_zeros: kernel weights that are zero stay zero.

    Raises:
        GraphError: a layer that TFMOT or the converter cannot quantize.
        GateError: the converter changed weights that were chosen.
    """
    if spec.scheme == "ptq":
        tick("conversion to int8", 0, 1)
        data = post_training(
            network,
            inputs,
            rounding=spec.rounding,
            bias_correction=spec.bias_correction,
            activations=spec.activations,
            seed=seed,
        )
        return Converted(data, (), None)
    tick("calibration of ranges", 0, spec.fit.epochs + 1)
    fake_quantized = quantization_aware(network, inputs, input_range)
    history = fit(fake_quantized, spec.fit, teacher=network, keep_zeros=keep_zeros)
    tick("conversion to int8", spec.fit.epochs, spec.fit.epochs + 1)
    return Converted(to_tflite(fake_quantized, int8=True), history, fake_quantized)
