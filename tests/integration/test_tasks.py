"""A small build of every task but binary segmentation, through the command line, with the sources of data it has."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_nas.cli.main import run
from edge_nas.int8.graph import float_tensors
from edge_nas.int8.reader import read_tflite
from edge_nas.results.result import Result

pytestmark = pytest.mark.slow

SIDE = 16
QUICK = [
    f"data.input_shape=[{SIDE},{SIDE},3]",
    "train.epochs=1",
    "train.batch_size=8",
    "prune.fine_tune.epochs=1",
    "quantize.fit.epochs=1",
    "quantize.max_drop=1.0",
    "gates.trivial=false",
]
NETS = """
import tensorflow as tf
import tf_keras
import numpy as np

L = tf_keras.layers

def net(outputs, activation=None):
    inputs = L.Input((16, 16, 3))
    x = L.ReLU()(L.BatchNormalization()(L.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(inputs)))
    x = L.ReLU()(L.BatchNormalization()(L.Conv2D(12, 3, strides=2, padding="same", use_bias=False)(x)))
    x = L.GlobalAveragePooling2D()(x)
    return tf_keras.Model(inputs, L.Dense(outputs, activation=activation)(x))

def data(folder):
    splits = {}
    for name in ("train", "val"):
        arrays = np.load(f"{folder}/{name}.npz")
        splits[name] = tf.data.Dataset.from_tensor_slices((arrays["images"], arrays["labels"])).batch(5)
    return splits
"""


def squares(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns noise (N, 16, 16, 3) with a bright square each: red, green or blue, and its class numbers from 1 to 3.

    The second array is (N, 16, 16): 0 where there is no square.
    """
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 90, (count, SIDE, SIDE, 3), dtype=np.uint8)
    masks = np.zeros((count, SIDE, SIDE), np.uint8)
    for number, (image, mask) in enumerate(zip(images, masks, strict=True)):
        top, left = generator.integers(0, SIDE // 2, 2)
        box = (slice(top, top + SIDE // 2), slice(left, left + SIDE // 2))
        image[(*box, number % 3)] += 160
        mask[box] = number % 3 + 1
    return images, masks


def write_masks(root: Path) -> list[str]:
    for seed, (name, count) in enumerate((("train", 24), ("val", 9))):
        for kind in ("img", "mask"):
            (root / name / kind).mkdir(parents=True)
        for index, (image, mask) in enumerate(zip(*squares(count, seed), strict=True)):
            Image.fromarray(image).save(root / name / "img" / f"{index}.png")
            Image.fromarray(mask).save(root / name / "mask" / f"{index}.png")
    names = "data.classes=[ground,red,green,blue]"
    return ["task=segmentation", "data.source=folder", f"data.root={root}", names, "model=fast_u",
            "model.arguments.widths=[6,8]", "model.arguments.depth=1", "train.dice_weight=0.5",
            "prune.criterion=taylor"]  # fmt: skip


def write_class_folders(root: Path) -> list[str]:
    for seed, (name, count) in enumerate((("train", 24), ("val", 9))):
        images, _ = squares(count, seed)
        for index, image in enumerate(images):
            folder = root / name / ("a red", "b green", "c blue")[index % 3]
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / f"{index}.png")
    return ["task=classification", "data.source=classes", f"data.root={root}", "model=nets_of_tasks:net",
            "model.arguments.outputs=3", "model.arguments.activation=softmax", "augmentation.colour=0"]  # fmt: skip


def write_arrays(root: Path) -> list[str]:
    for seed, (name, count) in enumerate((("train", 24), ("val", 9))):
        images, masks = squares(count, seed)
        rows = np.arange(SIDE, dtype=np.float32)[None, :, None]
        weight = (masks > 0).sum((1, 2))
        centre = np.stack([((masks > 0) * rows).sum((1, 2)) / weight, images.mean((1, 2, 3))], axis=1)
        np.savez(root / f"{name}.npz", images=images, labels=centre)
    return ["task=regression", "data.source=npz", f"data.root={root}", "model=nets_of_tasks:net",
            "model.arguments.outputs=2", "augmentation.crop=0", "prune.criterion=taylor"]  # fmt: skip


def write_for_function(root: Path) -> list[str]:
    for seed, (name, count) in enumerate((("train", 24), ("val", 9))):
        np.savez(root / f"{name}.npz", images=squares(count, seed)[0], labels=np.arange(count) % 3)
    return ["task=classification", "data.source=function", "data.function=nets_of_tasks:data",
            f"data.arguments.folder={root}", "model=nets_of_tasks:net", "model.arguments.outputs=3",
            "quantize.scheme=ptq"]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """How data are written, and what is expected of the build."""

    write: Callable[[Path], list[str]]
    scores: set[str]
    baselines: set[str]
    outputs: tuple[int, ...]


SEGMENTATION = Case(
    write_masks, {"miou", "pixel_accuracy", "class_iou"}, {"majority_class", "majority_mask"}, (1, SIDE, SIDE, 4)
)
CLASSIFICATION = Case(write_class_folders, {"accuracy", "balanced_accuracy", "macro_f1"}, {"majority_class"}, (1, 3))
REGRESSION = Case(write_arrays, {"r2", "mae", "rmse"}, {"mean_target"}, (1, 2))
FUNCTION = Case(write_for_function, CLASSIFICATION.scores, CLASSIFICATION.baselines, (1, 3))


@dataclass(frozen=True)
class Built:
    """A finished build."""

    case: Case
    folder: Path
    data: Path

    @property
    def file(self) -> Path:
        return self.folder / "artifacts/model.tflite"


@pytest.fixture(
    scope="module",
    params=[SEGMENTATION, CLASSIFICATION, REGRESSION, FUNCTION],
    ids=["segmentation", "classification", "regression", "function"],
)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("tasks")
    (root / "nets_of_tasks.py").write_text(NETS, encoding="utf-8")
    (root / "data").mkdir()
    settings = request.param.write(root / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root)
        code = run(["build", *settings, *QUICK, "--run", str(root / "run"), "--until", "export", "--quiet"])
    assert code == 0
    return Built(request.param, root / "run", root / "data")


def test_every_network_of_the_line_has_the_scores_of_its_task(built: Built) -> None:
    data = json.loads((built.folder / "result.json").read_text(encoding="utf-8"))
    evaluation = Result.read(built.folder / "result.json").evaluation
    for name in ("trained", "repaired", "pruned", "int8"):
        assert set(data["evaluation"][name]) == built.case.scores
        scores = getattr(evaluation, name)
        assert scores.primary is not None
        assert scores.primary <= 1
    assert set(data["evaluation"]["baselines"]) == built.case.baselines


def test_the_shipped_file_is_int8_and_answers_the_task(built: Built) -> None:
    graph = read_tflite(built.file.read_bytes(), "model.tflite")
    assert float_tensors(graph) == ()
    assert tuple(graph.tensors[graph.outputs[0]].shape) == built.case.outputs
    parity = Result.read(built.folder / "result.json").parity
    assert {report.unit for report in parity} == {"lsb", "logit"}
    assert all(report.score is not None for report in parity)


def test_evaluate_gives_the_figure_of_the_build(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", str(built.file), "--data", str(built.data), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    exported = json.loads((built.folder / "05_export/stage.json").read_text(encoding="utf-8"))["output"]["evaluations"]
    expected = exported["model.tflite"]
    assert said["evaluation"].keys() == expected.keys()
    assert said["evaluation"]["split_sha256"] == expected["split_sha256"]
    metrics = said["evaluation"]["metrics"]
    assert metrics.pop("class_iou", None) == expected["metrics"].pop("class_iou", None)
    assert metrics == pytest.approx(expected["metrics"], rel=1e-9)


def test_predict_writes_masks_or_a_table(built: Built, tmp_path: Path) -> None:
    for index, image in enumerate(squares(3, 7)[0]):
        Image.fromarray(image).save(tmp_path / f"{index}.png")
    out = tmp_path / "out"
    assert run(["predict", str(built.file), str(tmp_path), "--out", str(out), "--quiet"]) == 0
    if built.case is SEGMENTATION:
        assert set(np.unique(np.asarray(Image.open(out / "0_mask.png")))) <= {0, 1, 2, 3}
        assert Image.open(out / "0_overlay.png").mode == "RGB"
        return
    with (out / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == ["0.png", "1.png", "2.png"]
    if built.case is REGRESSION:
        assert np.isfinite([float(row[name]) for row in rows for name in ("value_0", "value_1")]).all()
    else:
        known = {"a red", "b green", "c blue"} if built.case is CLASSIFICATION else {"0", "1", "2"}
        assert {row["class"] for row in rows} <= known
        assert all(1 / 3 <= float(row["confidence"]) <= 1 for row in rows)
