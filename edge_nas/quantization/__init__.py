"""int8, through TFMOT's quantization-aware training or without training."""

from edge_nas.quantization.dryrun import dry_run
from edge_nas.quantization.ptq import quantize_model
from edge_nas.quantization.qat import quantization_aware

__all__ = ["dry_run", "quantization_aware", "quantize_model"]
