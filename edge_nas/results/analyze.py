"""What stage analyze hands on: the redundancy of the trained network."""

from edge_nas.core.frozen import Frozen
from edge_nas.results.redundancy import RedundancyReport


class AnalyzeOutput(Frozen):
    """The redundancy of the trained network."""

    redundancy: RedundancyReport
