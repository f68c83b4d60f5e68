"""Stage 5: TFLite and ONNX files, compared with what they were made from."""

from edge_nas.exporting.rehearsal import rehearse
from edge_nas.exporting.stage import export

__all__ = ["export", "rehearse"]
