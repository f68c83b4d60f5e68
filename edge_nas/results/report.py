"""What stage report hands on: where the HTML file is."""

from edge_nas.core.frozen import Frozen


class ReportOutput(Frozen):
    """The HTML file, relative to the run folder, and its hash."""

    path: str
    sha256: str
