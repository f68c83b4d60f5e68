"""TFLite and ONNX files, compared with what they were made from."""

from edge_nas.exporting.dryrun import dry_run

__all__ = ["dry_run"]
