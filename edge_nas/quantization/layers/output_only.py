"""Layers without a kernel that TFMOT 0.8.1 does not know: their outputs are quantized, and that is all they need."""

from typing import Any

import tensorflow_model_optimization as tfmot
import tf_keras

L = tf_keras.layers
KINDS = (L.Multiply, L.Subtract, L.Maximum, L.Minimum, L.PReLU, L.Resizing)


class OutputOnly(tfmot.quantization.keras.QuantizeConfig):
    """8 bits per tensor, asymmetric, of the output; a PReLU's slopes are quantized by the converter."""

    def get_weights_and_quantizers(self, layer: Any) -> list[Any]:  # noqa: ARG002 - TFMOT's signature
        """Returns none."""
        return []

    def get_activations_and_quantizers(self, layer: Any) -> list[Any]:  # noqa: ARG002 - TFMOT's signature
        """Returns none."""
        return []

    def set_quantize_weights(self, layer: Any, quantize_weights: Any) -> None:
        """There are none."""

    def set_quantize_activations(self, layer: Any, quantize_activations: Any) -> None:
        """There are none."""

    def get_output_quantizers(self, layer: Any) -> list[Any]:  # noqa: ARG002 - TFMOT's signature
        """Returns one, whose range `calibrate` sets."""
        return [
            tfmot.quantization.keras.quantizers.MovingAverageQuantizer(
                num_bits=8, per_axis=False, symmetric=False, narrow_range=False
            )
        ]

    def get_config(self) -> dict[str, Any]:
        """Returns no settings."""
        return {}
