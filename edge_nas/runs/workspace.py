"""What packages borrow of the stage that calls them: where its files go, and a way to train."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from edge_nas.core.config import FitSpec
from edge_nas.results.train import EpochRecord


class Workspace(Protocol):
    """Where a stage writes."""

    @property
    def folder(self) -> Path:
        """An empty folder to write into; it becomes the stage's folder when the stage returns."""

    def in_run(self, name: str) -> str:
        """Returns the path in the run of the file that the stage writes as `folder / name`."""


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
