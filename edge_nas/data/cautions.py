"""What to be careful about in a data set, in sentences: said before training, by `edge-nas check` and in the report.

The labels, as the task sees them; values that hardly suit a network; groups that val or test shares with train, and
samples that train holds as well.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.data.scaling import scale_caution

_LISTED = 5
"""Repeated samples and shared groups that a sentence names; a person looks at a few and then at the folder."""


class Repeat(NamedTuple):
    """A sample of an evaluated split and the first one of train that holds the same values, by their names."""

    name: str
    trained: str


def cautions(dataset: Dataset) -> Iterator[str]:
    """Yields one sentence for each thing."""
    for split, labels in dataset.labels_by_split():
        yield from dataset.task.cautions(split, labels)
    scaling = scale_caution(dataset)
    if scaling is not None:
        yield scaling
    if dataset.shared_groups:
        yield _shared(dataset)
    for name, held in (("val", dataset.val), ("test", dataset.test)):
        found = () if held is None else repeats(dataset.train, held)
        if held is not None and found:
            yield _sentence(f"{len(found)} of the {len(held)} {_kind(held)} of {name}", found)


def repeats(train: ImageSet, evaluated: ImageSet) -> tuple[Repeat, ...]:
    """Returns the samples of a split that train holds as well, in the split's order.

    Compared are the values that networks are given, decoded and resized, whatever files are called and however they are
    packed; labels do not count. Alike is not equal: frames of one drive are what groups are for.
    """
    trained: dict[bytes, str] = {}
    for digest, name in zip(_digests(train), train.names, strict=True):
        trained.setdefault(digest, name)
    pairs = zip(_digests(evaluated), evaluated.names, strict=True)
    return tuple(Repeat(name, trained[digest]) for digest, name in pairs if digest in trained)


def _digests(split: ImageSet) -> Iterator[bytes]:
    for sample in split.images:
        yield hashlib.blake2b(sample.tobytes(), digest_size=16).digest()


def _kind(split: ImageSet) -> str:
    return "images" if split.images.ndim == 4 else "samples"


def _shared(dataset: Dataset) -> str:
    groups = dataset.shared_groups
    more = f" and {len(groups) - _LISTED} more" if len(groups) > _LISTED else ""
    return (
        f"Validation or test shares groups with training ({', '.join(groups[:_LISTED])}{more}): "
        f"{dataset.format.noun}s of one group resemble each other, so scores on them are higher than on a new group. "
        "Hold one out with data.holdout_group."
    )


def _sentence(which: str, found: tuple[Repeat, ...]) -> str:
    named = ", ".join(f"{name} is train's {trained}" for name, trained in found[:_LISTED])
    more = f", and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return (
        f"{which} are in train as well, by their content ({named}{more}): scores on them tell what was learnt by "
        "heart. Take them out of one of the two."
    )
