"""Stage 4: int8 through TFMOT's quantization-aware training."""

from edge_nas.quantization.qat import quantization_aware
from edge_nas.quantization.stage import quantize

__all__ = ["quantization_aware", "quantize"]
