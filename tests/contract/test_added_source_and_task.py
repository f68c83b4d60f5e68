"""A data source and a task of somebody else's, each in one file, from the configuration to scores that are stored."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import pytest
from pydantic import Field

from edge_nas.core.arrays import Outputs
from edge_nas.core.config import BuildConfig, DataSpec
from edge_nas.core.configfile import dump_config, load_config
from edge_nas.core.extensions import SOURCES, TASKS
from edge_nas.data.loader import load_dataset
from edge_nas.data.splits import SourceSplits, numbered_split
from edge_nas.errors import ConfigError, DataError
from edge_nas.evaluation.evaluate import evaluate, evaluate_split
from edge_nas.results.result import ResultEvaluation
from edge_nas.results.scores import Evaluations, Scores, SplitReport
from edge_nas.tasks import Task
from edge_nas.tasks.card import CARD, task_of_file
from edge_nas.tasks.task import Labels, ReportText, TrivialPredictor


class SquaresSource(DataSpec):
    """Dark images with a bright square, or without one; its label is how many of its quarters are bright."""

    phrase: ClassVar[str] = "squares"

    source: Literal["squares"] = Field(default="squares", description="bright squares on dark ground")
    count: int = Field(default=16, ge=4, description="images of each split")

    @classmethod
    def teaches(cls, task: type[Task]) -> bool:
        """Returns whether the task counts."""
        return task.name == "counting"

    def read_splits(self, task: type[Task]) -> SourceSplits:
        """Returns two splits; a square is bright in the first quarters, as many as its label says."""
        height, width, _ = self.input_shape
        labels = np.arange(self.count) % 5
        images = np.zeros((self.count, height, width, 3), np.uint8)
        quarters = [(row, column) for row in (0, height // 2) for column in (0, width // 2)]
        for image, label in zip(images, labels, strict=True):
            for row, column in quarters[:label]:
                image[row : row + height // 2, column : column + width // 2] = 255
        split = numbered_split(images, labels, task, self.input_shape, "the squares")
        return SourceSplits({"train": split, "val": split})


class CountingScores(Scores):
    """`exact`: the share of images whose count is right when rounded, [0, 1]."""

    headings: ClassVar[dict[str, str]] = {"exact": "exact"}
    exact: float | None


@dataclass(frozen=True)
class Counting(Task):
    """How many of something an image shows: labels (N, 1) float32; networks give one number."""

    name = "counting"
    output_kind = "value"
    has_masks = False
    scores = CountingScores
    loss_name = "squared_error"
    trivial = (TrivialPredictor("none", "always 0", "nothing"),)
    report_text = ReportText("counts", "", "Exact is the share of right counts.", "By the error", "")
    outputs = 1

    @classmethod
    def from_labels(cls, labels: Labels, classes: tuple[str, ...] | None) -> Self:
        """Returns the task."""
        return cls()

    from_outputs = from_labels

    @classmethod
    def as_labels(cls, values: npt.NDArray[Any]) -> Labels:
        """Returns counts as float32, (N, 1)."""
        return values.reshape(len(values), 1).astype(np.float32)

    def check_labels(self, labels: Labels, image_shape: tuple[int, ...]) -> None:
        """Refuses anything but one count per image."""
        if labels.shape != (image_shape[0], 1) or (labels < 0).any():
            raise DataError("counts are numbers from 0")

    def facts(self, labels: Labels) -> Mapping[str, int | float | str]:
        """Returns the highest count."""
        return {"most": float(labels.max(initial=0))}

    def count(self, outputs: Outputs, labels: Labels) -> npt.NDArray[np.int64]:
        """Returns how many counts are right, and of how many."""
        return np.array([(np.rint(outputs) == labels).sum(), len(labels)])

    def report(self, tally: Any, *, split: Any, images: int, split_sha256: str) -> SplitReport:
        """Returns the share of right counts."""
        scores = CountingScores(exact=float(tally[0] / tally[1]))
        return SplitReport(split=split, images=images, metrics=scores, split_sha256=split_sha256)

    def baselines(self, train_labels: Labels | None) -> dict[str, Any]:
        """Returns a predictor that always counts nothing."""
        return {"none": lambda inputs: np.zeros((len(inputs), 1), np.float32)}

    def predict(self, outputs: Outputs) -> npt.NDArray[Any]:
        """Returns rounded counts."""
        return np.rint(outputs)


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    SOURCES.register("squares")(SquaresSource)
    TASKS.register("counting")(Counting)
    yield
    SOURCES.remove("squares")
    TASKS.remove("counting")


def config(*settings: str) -> BuildConfig:
    return load_config(None, ["task=counting", "data.source=squares", "data.input_shape=[8,8,3]", *settings])


def bright_quarters(inputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A network that counts right: the share of bright pixels is that of bright quarters."""
    return (4 * (inputs > 0).mean(axis=(1, 2, 3))).reshape(-1, 1).astype(np.float32)


def test_its_settings_are_checked_by_its_own_type(tmp_path: Path) -> None:
    assert config("data.count=9").data == SquaresSource(count=9, input_shape=(8, 8, 3))
    (tmp_path / "stored.yaml").write_text(dump_config(config("data.count=9", "name=stored")))
    assert load_config(str(tmp_path / "stored.yaml")) == config("data.count=9", "name=stored")
    with pytest.raises(ConfigError, match=r"argument 'data.count=3': data\.count is 3; allowed: a whole number >= 4"):
        config("data.count=3")
    with pytest.raises(ConfigError, match=r"unknown key 'data\.cont' .*; did you mean 'data\.count'\?"):
        config("data.cont=3")
    with pytest.raises(ConfigError, match=r"unknown key 'data\.count' .*; it belongs to data\.source squares\."):
        load_config(None, ["data.count=9"])


def test_tasks_and_sources_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"task 'regression' cannot be learnt from data\.source 'squares'"):
        load_config(None, ["task=regression", "data.source=squares"])
    with pytest.raises(ConfigError, match="allowed: function, npz, squares"):
        load_config(None, ["task=counting"])
    with pytest.raises(ConfigError, match="task 'counting' has none to name"):
        config("data.classes=[a,b]")
    with pytest.raises(ConfigError, match="Dice is a loss of masks and task 'counting' has none"):
        config("train.dice_weight=1")


def test_images_are_loaded_scored_and_the_scores_stored_and_read() -> None:
    asked = config("data.count=10")
    dataset = load_dataset(asked.data, asked.task)
    assert dataset.task == Counting()
    assert dataset.train.labels[:6, 0].tolist() == [0, 1, 2, 3, 4, 0]
    assert dataset.sha256 == load_dataset(asked.data, asked.task).sha256
    found = evaluate(bright_quarters, dataset)
    assert (found.val.metrics.primary, found.reported.metrics.heading) == (1.0, "exact")
    nothing = evaluate_split(dataset.task.baselines(None)["none"], dataset.val, "val")
    assert nothing.metrics.shown == {"exact": 0.2}
    assert Evaluations.model_validate_json(found.model_dump_json()) == found
    shown = ResultEvaluation(split="val", int8=found.val.metrics)
    assert ResultEvaluation.from_data(shown.to_data()) == shown


def test_a_file_beside_a_network_names_it(tmp_path: Path) -> None:
    (tmp_path / CARD).write_text('{"task": "counting"}', encoding="utf-8")
    assert task_of_file(tmp_path / "net.tflite", (1, 1)) == Counting()


PLUGIN = '''
from typing import Literal
import numpy as np
from edge_nas.core.config import DataSpec
from edge_nas.data.splits import SourceSplits, numbered_split

class Grey(DataSpec):
    """Grey images."""
    source: Literal["grey"] = "grey"
    level: int = 7

    def read_splits(self, task):
        images = np.full((4, *self.input_shape), self.level, np.uint8)
        split = numbered_split(images, np.arange(4) % 2, task, self.input_shape, "grey")
        return SourceSplits({"train": split, "val": split})
'''
USE = """
from edge_nas.core.configfile import load_config
from edge_nas.data.loader import load_dataset
config = load_config(None, ["task=classification", "data.source=grey", "data.level=9"])
print(load_dataset(config.data, config.task).train.images.max())
"""


def test_a_source_of_an_installed_package(tmp_path: Path) -> None:
    installed = tmp_path / "grey_plugin-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: grey_plugin\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[edge_nas.sources]\ngrey = grey_plugin:Grey\n")
    (tmp_path / "grey_plugin.py").write_text(PLUGIN)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{USE}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("9\n", "")
