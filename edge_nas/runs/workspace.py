"""What a stage is lent while it runs: a place to write, earlier stages' files, someone to tell, a way to train."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from edge_nas.core.config import FitSpec
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.train import EpochRecord
from edge_nas.runs.progress import Progress


class Workspace(Protocol):
    """The run as a stage sees it."""

    @property
    def folder(self) -> Path:
        """An empty folder to write into; it becomes the stage's folder when the stage returns."""

    @property
    def progress(self) -> Progress:
        """Who is told how far the stage is."""

    def interim(self) -> Path:
        """Returns a folder for what an interrupted stage goes on from.

        It outlives an interruption, for a later run with the same settings, data and versions; whoever writes into it
        must be able to tell whether a file is whole. It is gone once the stage is finished.
        """

    def path_of(self, artifact: ModelArtifact) -> Path:
        """Returns where the file of an earlier stage lies."""

    def in_run(self, name: str) -> str:
        """Returns the path in the run of the file that the stage writes as `folder / name`."""

    def publish(self, name: str, path: str) -> str:
        """Has `folder / name` copied to `path` in the run once the stage is finished; returns `path`."""


class Fit(Protocol):
    """Trains a network in place on the run's data, seed and augmentation."""

    def __call__(
        self,
        network: Any,
        spec: FitSpec,
        *,
        teacher: Any | None = None,
        keep_best: bool = True,
        keep_zeros: bool = False,
        callbacks: Sequence[Any] = (),
    ) -> tuple[EpochRecord, ...]:
        """Returns what every epoch gave.

        Args:
            network: flat network; its weights are changed.
            spec: how to train.
            teacher: gives soft targets where spec.distillation_weight > 0.
            keep_best: end with the weights of the best score on val; False: with the last.
            keep_zeros: kernel weights that are zero at the start stay zero.
            callbacks: further Keras callbacks.
        """
