"""Stage 2: the redundancy of the trained network, as JSON and as a table."""

from edge_nas.analysis.stage import analyze

__all__ = ["analyze"]
