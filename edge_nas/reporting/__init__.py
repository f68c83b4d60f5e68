"""Stage 10: one HTML file that tells all of a build and opens offline."""

from edge_nas.reporting.stage import report

__all__ = ["report"]
