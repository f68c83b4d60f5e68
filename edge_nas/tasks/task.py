"""What a task is: everything that differs between the kinds of questions put to an image, behind one protocol.

Data, training, the stages, the report and the command line ask the task of their data set; none looks at its name.
Each task is one file beside this one. Arrays are numpy where a finished output is looked at; `loss`, `distillation`,
`dice`, `metric` and `scored` belong to training and take TensorFlow's tensors.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from edge_nas.core.arrays import Inputs, Outputs, Pixels
from edge_nas.core.frozen import Frozen
from edge_nas.core.samples import SampleFormat
from edge_nas.errors import ConfigError, EdgeNasError
from edge_nas.results.scores import AnyReport, Scores, Split

Labels = npt.NDArray[Any]
Colour = tuple[int, int, int]
Run = Callable[[Inputs], Outputs]
"""A network, or what stands in for one: inputs (N, H, W, 3) to outputs (N, ...)."""
Tensor = Any
ClassWeights = Literal["balanced"] | tuple[float, ...]
Tally = Any
"""What the outputs of a batch come to; those of several batches add up."""

OutputKind = Literal["logit", "logits", "value"]
"""What the numbers of one output are: one logit of a sigmoid; logits of a softmax; values as they are."""


class TrivialPredictor(NamedTuple):
    """A predictor that never looks at the image: its key in results, its rule, and how a sentence calls it."""

    key: str
    rule: str
    phrase: str

    @property
    def name(self) -> str:
        """What a table calls it."""
        return self.key.replace("_", " ")


class ReportText(NamedTuple):
    """How the report speaks of a task.

    `outputs`: what a network gives for images, in the plural. `counted`: what a table of confusion counts. `scores` and
    `samples`: sentences on the scores and on the pictures of an image, the last one without its full stop, since the
    legend follows. `agreement`: which outputs are the same; empty where they mean no classes.
    """

    outputs: str
    counted: str
    scores: str
    samples: str
    agreement: str


class ConfusionTable(NamedTuple):
    """Counts by true class (rows) and predicted class (columns), in the order of `classes`."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class TaskCard(Frozen):
    """What a network's ends mean, in a file beside the network: the task, the names of its classes, if any.

    `sample`: what its inputs are made of; None: of bytes scaled to [-1, 1].
    """

    task: str
    classes: tuple[str, ...] = ()
    sample: SampleFormat | None = None

    def to_data(self) -> dict[str, Any]:
        """Returns plain JSON data without what is not said."""
        return self.model_dump(mode="json", exclude_none=True)


class Task:
    """The protocol: one kind of question, and all that follows from it.

    Attributes:
        name: as a configuration writes it.
        output_kind: what the numbers of an output are.
        has_masks: whether labels are masks: one output per pixel, changed with the image's geometry.
        has_classes: whether labels are numbers of classes that have names.
        scores: what networks score; its first field is the primary score.
        loss_name: of `loss`, among the records of an epoch.
        weights: of each class in `loss`, in their order; None: all count alike.
        trivial: predictors that never look at the image; a network is compared with the last one.
        report_text: how the report speaks of it.
    """

    name: ClassVar[str]
    output_kind: OutputKind
    has_masks: bool
    has_classes: bool = False
    scores: type[Scores]
    loss_name: str
    weights: tuple[float, ...] | None = None
    trivial: tuple[TrivialPredictor, ...]
    report_text: ReportText

    @property
    def outputs(self) -> int:
        """Numbers per output, per pixel where labels are masks: the last axis of what the network gives."""
        raise NotImplementedError

    @property
    def last_layer(self) -> str:
        """A layer that a network could end with, for messages."""
        return f"Conv2D({self.outputs}, 1)" if self.has_masks else f"Dense({self.outputs})"

    @property
    def legend(self) -> tuple[tuple[Colour, str], ...]:
        """The colours of the pictures, RGB, and their meaning."""
        return ()

    @property
    def score(self) -> tuple[str, str]:
        """The field of the primary score, and its heading."""
        return next(iter(self.scores.headings.items()))

    def output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Returns the shape of a network's output, without the batch, for images (H, W, 3)."""
        return (*input_shape[:2], self.outputs) if self.has_masks else (self.outputs,)

    @property
    def card(self) -> TaskCard | None:
        """What is written beside shipped files; None where nobody needs to be told."""
        return None

    # Making

    @classmethod
    def from_labels(cls, labels: Labels, classes: tuple[str, ...] | None) -> Self:
        """Returns the task that training labels, and names of classes where some are given, make.

        Raises:
            DataError: labels of which no task follows.
        """
        raise NotImplementedError

    @classmethod
    def from_outputs(cls, outputs: int, classes: tuple[str, ...]) -> Self:
        """Returns the task of a network with so many numbers per output.

        Raises:
            DataError: a number that this task cannot have.
        """
        raise NotImplementedError

    def weighted(self, weights: ClassWeights, labels: Labels) -> Self:  # noqa: ARG002 - the protocol
        """Returns the task with a weight of each class in its loss.

        Args:
            weights: one for each class; "balanced": the inverse of its share of these labels, 1 on the mean of them.
            labels: of training.

        Raises:
            ConfigError: the task has no classes, or another number of them; a class that does not occur.
        """
        raise ConfigError(f"data.class_weights is {weights}, but task {self.name!r} has no classes: leave it out")

    # Data

    @classmethod
    def mask_of(cls, values: npt.NDArray[np.int32]) -> Pixels:  # noqa: ARG003 - the protocol
        """Returns the label (h, w) that the values of a mask file mean; only of tasks that have masks.

        Raises:
            DataError: values that are none of a mask.
        """
        raise EdgeNasError(f"{cls.__name__} has no masks")

    @classmethod
    def as_labels(cls, values: npt.NDArray[Any]) -> Labels:
        """Returns values (N, ...) of an array as labels are stored; others stay, for `check_labels` to refuse."""
        raise NotImplementedError

    def check_labels(self, labels: Labels, image_shape: tuple[int, ...]) -> None:
        """Refuses labels that are none of this task, for images (N, H, W, 3).

        Raises:
            DataError: dtype, shape or a value.
        """
        raise NotImplementedError

    def check_evaluated(self, split: str, labels: Labels) -> None:
        """Refuses labels on which the primary score is undefined whatever a network gives.

        Raises:
            DataError: names the split.
        """

    def facts(self, labels: Labels) -> Mapping[str, int | float | str]:
        """Returns what a split holds, by heading: counts, shares in [0, 1] and text."""
        raise NotImplementedError

    def cautions(self, split: str, labels: Labels) -> Iterator[str]:  # noqa: ARG002 - the protocol
        """Yields what to be careful about in a split with these labels."""
        yield from ()

    # Training

    def loss(self, labels: Tensor, outputs: Tensor) -> Tensor:
        """Returns the loss of a batch, a scalar; labels as `training_batches` gives them."""
        raise NotImplementedError

    def distillation(self, teacher_outputs: Tensor, outputs: Tensor) -> Tensor:
        """Returns how far outputs are from the teacher's for the same batch, a scalar."""
        raise NotImplementedError

    def dice(self, labels: Tensor, outputs: Tensor) -> Tensor:  # noqa: ARG002 - the protocol
        """Returns 1 − soft Dice of a batch of masks, a scalar in [0, 1].

        Raises:
            ConfigError: a task without masks.
        """
        raise ConfigError("dice_weight is above 0, but Dice is a loss of masks and this task has none: set it to 0")

    def metric(self) -> Any:
        """Returns a Keras metric of the primary score, named as its field; it takes what `scored` returns."""
        raise NotImplementedError

    def scored(self, labels: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """Returns labels and outputs of a batch as `metric` takes them."""
        return labels, outputs

    # Evaluation

    def count(self, outputs: Outputs, labels: Labels) -> Tally:
        """Returns the tally of a batch.

        Raises:
            DataError: shapes do not belong together.
            ArtifactError: an output is NaN.
        """
        raise NotImplementedError

    def report(self, tally: Tally, *, split: Split, images: int, split_sha256: str) -> AnyReport:
        """Returns the scores that follow from the tally of a whole split."""
        raise NotImplementedError

    def baselines(self, train_labels: Labels | None) -> dict[str, Run]:
        """Returns the trivial predictors by key, in the order of `trivial`; None: those that need no training labels.

        Each takes network inputs and gives outputs as a network would.
        """
        raise NotImplementedError

    def predict(self, outputs: Outputs) -> npt.NDArray[Any]:
        """Returns what outputs mean: classes or values, (N, ...)."""
        raise NotImplementedError

    def agreement(self, first: Outputs, second: Outputs) -> float | None:
        """Returns the share of outputs that mean the same class, [0, 1]; None where they mean no classes."""
        return float(np.mean(self.predict(first) == self.predict(second)))

    # Showing

    def confusion(self, report: Any) -> ConfusionTable | None:
        """Returns the table of a report of this task; None where outputs mean no classes."""
        raise NotImplementedError

    def quality(self, outputs: Outputs, labels: Labels) -> list[float]:
        """Returns for each image how good its output is; higher is better, only the order counts."""
        raise NotImplementedError

    def pictures(self, image: Pixels, label: Labels, output: Outputs) -> dict[str, Pixels]:
        """Returns what to show of one image (H, W, 3) uint8, by name and from left to right."""
        raise NotImplementedError

    def caption(self, label: Labels, output: Outputs) -> str:
        """Returns in words what was made of one image."""
        raise NotImplementedError

    def stored_mask(self, output: Outputs) -> Pixels:  # noqa: ARG002 - the protocol
        """Returns the mask of one image as a file holds it, (H, W) uint8; only of tasks that have masks."""
        raise EdgeNasError(f"{type(self).__name__} has no masks; ask `row` for its outputs")

    def painted(self, image: Pixels, mask: Pixels) -> Pixels:  # noqa: ARG002 - the protocol
        """Returns the image (H, W, 3) uint8 with a stored mask drawn on it; only of tasks that have masks."""
        raise EdgeNasError(f"{type(self).__name__} has no masks; ask `row` for its outputs")

    def row(self, output: Outputs) -> dict[str, str]:  # noqa: ARG002 - the protocol
        """Returns the output for one image as columns of a table; only of tasks without masks."""
        raise EdgeNasError(f"{type(self).__name__} has masks; ask `stored_mask` for them")
