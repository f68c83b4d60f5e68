"""What a network's outputs mean on a microcontroller: names of classes and `edge_class`, or `edge_value`.

| task | output of one inference | edge_task.h |
|---|---|---|
| binary_segmentation | a code for each pixel | `edge_class`: 1 where it is above that of 0 |
| segmentation | n codes for each pixel | `edge_class`: the place of the highest |
| classification | n codes | the same, once |
| regression | k codes | `edge_value`: scale * (code - zero point) |
"""

from typing import NamedTuple

import numpy as np

from edge_nas.results.artifacts import TensorSpec
from edge_nas.tasks import TaskCard

BINARY_CLASSES = ("background", "foreground")


class OutputTask(NamedTuple):
    """What the templates say of it.

    Attributes:
        name: of the task.
        classes: names by their numbers; empty where outputs are values.
        places: answers of one inference: pixels, 1, or how many values.
        is_binary: one logit per pixel instead of one per class.
        scale, zero_point, code_type: of the output's codes; the last as C calls it.
    """

    name: str
    classes: tuple[str, ...]
    places: int
    is_binary: bool
    scale: float
    zero_point: int
    code_type: str


def output_task(card: TaskCard | None, output: TensorSpec) -> OutputTask | None:
    """Returns what the quantized output of a network means by its card; None where nobody has said, or it does not fit.

    Args:
        card: of the build, or beside the file; None: nobody said.
        output: the network's output as codes, batch included.
    """
    if card is None or output.scale is None or output.zero_point is None:
        return None
    last, values = output.shape[-1], int(np.prod(output.shape[1:]))
    coded = (output.scale, output.zero_point, f"{output.dtype}_t")
    if card.task == "binary_segmentation" and last == 1:
        return OutputTask(card.task, BINARY_CLASSES, values, True, *coded)
    if card.task in ("segmentation", "classification") and last > 1:
        names = card.classes or tuple(str(number) for number in range(last))
        return OutputTask(card.task, names, values // last, False, *coded) if len(names) == last else None
    return OutputTask(card.task, (), values, False, *coded) if card.task == "regression" else None
