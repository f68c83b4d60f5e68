"""What stage export hands on: the files that are shipped, compared with what they were made from."""

from edge_nas.core.frozen import Frozen
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.parity import AnyParity
from edge_nas.results.scores import AnyReport


class ExportOutput(Frozen):
    """The shipped files by name (`model.tflite`, ...), how each agrees with what it was made from, and its score."""

    artifacts: dict[str, ModelArtifact]
    parity: tuple[AnyParity, ...]
    evaluations: dict[str, AnyReport]

    @property
    def deployed(self) -> ModelArtifact:
        """The int8 file that everything after export is made from."""
        return self.artifacts["model.tflite"]
