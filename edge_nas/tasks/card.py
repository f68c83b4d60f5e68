"""The task of a model file: as somebody says, or as the build that made the file wrote beside it."""

from pathlib import Path

from pydantic import ValidationError

from edge_nas.core.samples import SampleFormat
from edge_nas.errors import ArtifactError, ConfigError, DataError, UnsafeError
from edge_nas.tasks import TASKS, Task, TaskCard

CARD = "task.json"
"""Lies beside shipped files of every task but binary segmentation."""


def sample_of_file(path: Path) -> SampleFormat | None:
    """Returns what the `task.json` beside a network's file says of its samples; None: nothing.

    Raises:
        ArtifactError: the card cannot be read.
    """
    card = _read(path.parent / CARD)
    return None if card is None else card.sample


def card_of_file(path: Path) -> TaskCard | None:
    """Returns the `task.json` beside a network's file; None where there is none.

    Raises:
        ArtifactError: the card cannot be read.
    """
    return _read(path.parent / CARD)


def task_of_file(
    path: Path, output_shape: tuple[int | None, ...], named: str | None = None, classes: tuple[str, ...] = ()
) -> Task:
    """Returns the task of a network: `named`, else that of the `task.json` beside its file, else binary segmentation.

    Args:
        path: the model file.
        output_shape: of the network, with its batch.
        named: the task that somebody gives.
        classes: names in the order of their numbers; none: those of the card, else numbers.

    Raises:
        ArtifactError: the output is none of this task, or the card cannot be read.
        ConfigError: there is no such task, or there are more or fewer names than outputs.
        UnsafeError: the card's task is an installed package's, and `named` does not say that it is meant.
    """
    card = _card(path.parent / CARD, named)
    if named is not None and named != card.task:
        card = TaskCard(task=named)
    names, outputs = classes or card.classes, int(output_shape[-1] or 0)
    if names and len(names) != outputs:
        raise ConfigError(f"{path}: the network has {outputs} outputs, but {len(names)} classes are named")
    try:
        return TASKS.get(card.task).from_outputs(outputs, names)
    except DataError as error:
        raise ArtifactError(
            f"{path}: the output has shape {output_shape}: {error}; name the task with --task"
        ) from error


def _read(path: Path) -> TaskCard | None:
    """Returns the card at a path; None where there is none."""
    try:
        return TaskCard.read(path) if path.is_file() else None
    except (ValidationError, OSError) as error:
        raise ArtifactError(f"{path}: not a task.json of a build: {error}") from error


def _card(path: Path, named: str | None) -> TaskCard:
    card = _read(path)
    if card is None:
        return TaskCard(task="binary_segmentation")
    try:
        point = TASKS.not_imported(card.task)
        if point is not None and card.task != named:
            raise UnsafeError(
                f"{path} names the task {card.task}, code of an installed package ({point.value}); a file's word is "
                f"not enough to run it: give --task {card.task}"
            )
        TASKS.get(card.task)
    except ConfigError as error:
        raise ArtifactError(f"{path}: not a task.json of a build: {error}") from error
    return card
