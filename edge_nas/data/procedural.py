"""What the built-in data sets of signals and of grey pictures share: how many samples, and a random stream for each."""

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from edge_nas.core.config import DataSpec
from edge_nas.core.config.ranges import Count
from edge_nas.core.frozen import Frozen
from edge_nas.data.splits import SPLITS, SourceSplits, SplitArrays
from edge_nas.tasks import Task

Draw = Callable[[np.random.Generator, int], npt.NDArray[Any]]
"""Draws one sample of a class, given its random stream and the number of the class."""
Drawn = Annotated[int, Field(ge=1, le=1_000_000)]
"""Samples; a million is more than anybody waits for."""


class DrawnSpec(Frozen):
    """How many samples are drawn per split, all classes alike, and their seed (not the training seed)."""

    train_samples: Drawn = Field(default=800, description="samples to train on")
    val_samples: Drawn = Field(default=300, description="samples that gates and the choice of weights use")
    test_samples: Drawn = Field(default=600, description="samples that the reported scores are of")
    seed: Count = Field(default=0, description="of the samples; it is not the seed of training")


class DrawnSource(DataSpec):
    """What sources of drawn samples have in common: a class for each sample, and no groups."""

    @classmethod
    def teaches(cls, task: type[Task]) -> bool:
        """Returns whether a label of the task is one class."""
        return task.has_classes and not task.has_masks

    @model_validator(mode="after")
    def _no_groups(self) -> "DrawnSource":
        if self.holdout_group is not None:
            raise ValueError(
                f"data.holdout_group is {self.holdout_group!r}, but {self.phrase} have no groups: leave it out"
            )
        return self


def draw_splits(spec: DrawnSpec, classes: tuple[str, ...], draw: Draw, place: str) -> SourceSplits:
    """Returns the splits; the same for the same arguments.

    Every sample has a random stream of its own, made from (seed, split, index): splits never share one, and asking for
    more leaves the first ones as they are. Classes take turns.
    """
    counts = (spec.train_samples, spec.val_samples, spec.test_samples)
    splits = {}
    for number, (name, count) in enumerate(zip(SPLITS, counts, strict=True)):
        labels = np.arange(count, dtype=np.int32) % len(classes)
        samples = [
            draw(np.random.default_rng([spec.seed, number, index]), int(label)) for index, label in enumerate(labels)
        ]
        names = tuple(f"{index:04d}" for index in range(count))
        splits[name] = SplitArrays(np.stack(samples), labels, names, None, place)
    return SourceSplits(splits, classes)
