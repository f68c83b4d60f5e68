"""Stage 5: TFLite and ONNX files, compared with what they were made from."""

from edge_nas.exporting.dryrun import dry_run
from edge_nas.exporting.stage import export

__all__ = ["dry_run", "export"]
