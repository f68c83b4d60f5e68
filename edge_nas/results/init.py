"""What a project was begun with."""

from edge_nas.results.answers import Answer


class Begun(Answer):
    """What `edge-nas init` wrote.

    Attributes:
        config: the configuration's file.
        data: the folder that it names; None where the samples are drawn.
        found: how the data lay, in words.
        task: which question is asked, and `task_because` why that one.
        splits: samples of each split.
        notes: what a user should know or do.
        next_command: what to do now.
    """

    config: str
    data: str | None
    found: str
    task: str
    task_because: str
    splits: dict[str, int]
    notes: tuple[str, ...]
    next_command: str
