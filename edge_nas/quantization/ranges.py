"""Ranges of a QAT network from calibration images, before its first step (a quirk of TFMOT 0.8.1 lives here).

TFMOT starts every activation range at [-6, 6] and moves it by a thousandth per step, so that a short run never
reaches the true ranges. Here they are measured first, in inference, so that Dropout and BatchNorm act as they will on
the device: while `calibrate` runs, the operator that updates a moving range is replaced by one that records the range
and passes its input on unchanged, and those that take a range from the present values (kernels, the network's input)
do so although nothing is trained. TFMOT offers no hook for this.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras
from tensorflow_model_optimization.python.core.quantization.keras import quant_ops
from tensorflow_model_optimization.python.core.quantization.keras.quantize_layer import QuantizeLayer

from edge_nas.errors import DataError

BATCH = 32  # images; ranges do not depend on it, memory does
_LEAST_WIDTH = 1e-6  # of a range: a tensor that is zero for every image would have a scale of 0


@dataclass
class _Range:
    """The variables of a tensor's range, and what was seen of it; it holds zero from the start, as TFLite demands."""

    min_var: Any
    max_var: Any
    low: float = 0.0
    high: float = 0.0

    def widen(self, values: Any) -> None:
        """Takes in further values of the tensor."""
        if tf.reduce_all(tf.math.is_finite(values)):
            self.low = min(self.low, float(tf.reduce_min(values)))
            self.high = max(self.high, float(tf.reduce_max(values)))
        else:
            self.low = self.high = np.nan  # and stays so: no comparison with NaN is true


class _Observer:
    """Stands in for TFMOT's MovingAvgQuantize: remembers the smallest and largest value of each tensor."""

    def __init__(self) -> None:
        self._ranges: dict[int, _Range] = {}

    def __call__(self, inputs: Any, min_var: Any, max_var: Any, **_settings: Any) -> Any:
        """Returns `inputs` as they are, their range remembered under the variables that are to hold it."""
        self._ranges.setdefault(id(min_var), _Range(min_var, max_var)).widen(inputs)
        return inputs

    def assign(self) -> None:
        """Writes what was seen into the network's range variables."""
        for values in self._ranges.values():
            if not np.isfinite([values.low, values.high]).all():
                raise DataError(f"calibration: {values.min_var.name} saw NaN or infinite activations")
            values.min_var.assign(tf.fill(values.min_var.shape, values.low))
            values.max_var.assign(tf.fill(values.max_var.shape, max(values.high, values.low + _LEAST_WIDTH)))


def calibrate(
    quantized: tf_keras.Model, inputs: npt.NDArray[np.float32], input_range: tuple[float, float] | None
) -> None:
    """Sets every activation and weight range of a QAT network, in place, to what `inputs` give.

    Args:
        quantized: from `quantization_aware`.
        inputs: (N, ...) float32 calibration inputs.
        input_range: of the network's input, whatever `inputs` hold: that of all pixels 0 to 255, say; None: as seen.

    Raises:
        DataError: no inputs, or activations that are no numbers.
    """
    if not len(inputs):
        raise DataError("calibration needs at least one sample; seen none")
    observer = _Observer()
    with _replaced_operators(observer):
        for start in range(0, len(inputs), BATCH):
            quantized(tf.constant(inputs[start : start + BATCH]), training=False)
    observer.assign()
    if input_range is not None:
        _set_input_range(quantized, *input_range)


@contextmanager
def _replaced_operators(observer: _Observer) -> Iterator[None]:
    names = ("MovingAvgQuantize", "LastValueQuantize", "AllValuesQuantize")
    originals = {name: getattr(quant_ops, name) for name in names}

    def updating(original: Any) -> Any:
        return lambda *args, **kwargs: original(*args, **{**kwargs, "is_training": True})

    quant_ops.MovingAvgQuantize = observer
    quant_ops.LastValueQuantize = updating(originals["LastValueQuantize"])
    quant_ops.AllValuesQuantize = updating(originals["AllValuesQuantize"])
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(quant_ops, name, original)


def _set_input_range(quantized: tf_keras.Model, low: float, high: float) -> None:
    for layer in quantized.layers:
        if isinstance(layer, QuantizeLayer):
            layer.quantizer_vars["min_var"].assign(low)
            layer.quantizer_vars["max_var"].assign(high)
