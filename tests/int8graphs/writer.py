"""The writer of files, under the name that tests know."""

from edge_nas.int8.writer import Options, Writer

__all__ = ["Options", "Writer"]
