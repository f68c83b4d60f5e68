"""The built-in signals and grey pictures: the same again, of the shape that is said, and no trivial task."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from edge_nas.core.config import DataSpec
from edge_nas.core.configfile import load_config, preset_names
from edge_nas.data.keywords import KeywordsSource
from edge_nas.data.loader import load_dataset
from edge_nas.data.motion import MotionSource
from edge_nas.data.presence import PresenceSource
from edge_nas.data.procedural import DrawnSpec
from edge_nas.errors import ConfigError

FEW = DrawnSpec(train_samples=12, val_samples=6, test_samples=6)
MANY = DrawnSpec(train_samples=600, val_samples=12, test_samples=300)

Make = Callable[[DrawnSpec], DataSpec]
SOURCES: dict[str, tuple[Make, str, tuple[int, ...]]] = {
    "motion": (lambda spec: MotionSource(motion=spec), "int16", (128, 3)),
    "keywords": (lambda spec: KeywordsSource(keywords=spec), "float32", (49, 10)),
    "presence": (lambda spec: PresenceSource(presence=spec, input_shape=(32, 32, 1)), "uint8", (32, 32, 1)),
}


@pytest.mark.parametrize("name", SOURCES)
def test_samples_are_what_is_said_and_the_same_again(name: str) -> None:
    make, dtype, shape = SOURCES[name]
    once, again = (load_dataset(make(FEW), "classification") for _ in range(2))
    assert once.sha256 == again.sha256
    assert (once.format.shape, once.format.dtype) == (shape, dtype)
    assert [len(split) for split in (once.train, once.val, once.test or once.val)] == [12, 6, 6]
    more = load_dataset(make(FEW.model_copy(update={"train_samples": 20})), "classification")
    np.testing.assert_array_equal(more.train.images[:12], once.train.images)
    other = load_dataset(make(FEW.model_copy(update={"seed": 1})), "classification")
    assert not np.array_equal(other.train.images, once.train.images)
    assert not np.array_equal(once.train.images[:6], once.val.images)


@pytest.mark.parametrize(
    ("name", "features"),
    [
        ("motion", lambda inputs: inputs.mean(axis=1)),
        ("motion", lambda inputs: inputs.std(axis=1)),
        ("keywords", lambda inputs: inputs.mean(axis=1)),
        ("keywords", lambda inputs: inputs[:, ::6].reshape(len(inputs), -1)),
        ("presence", lambda inputs: inputs[:, ::4, ::4, 0].reshape(len(inputs), -1)),
        ("presence", lambda inputs: np.sort(inputs.reshape(len(inputs), -1))[:, ::64]),
    ],
    ids=["mean of axes", "strength of axes", "mean spectrum", "frames", "pixels", "histogram"],
)
def test_a_linear_answer_on_plain_features_is_far_from_enough(name: str, features: Any) -> None:
    make, _, _ = SOURCES[name]
    dataset = load_dataset(make(MANY), "classification")
    test = dataset.test
    assert test is not None
    rows = [np.column_stack([features(split.inputs()), np.ones(len(split))]) for split in (dataset.train, test)]
    classes = dataset.task.outputs
    # A small ridge, so that as many features as samples are no exact fit of noise.
    gram = rows[0].T @ rows[0] + len(rows[0]) * 1e-2 * np.eye(rows[0].shape[1])
    weights = np.linalg.solve(gram, rows[0].T @ np.eye(classes)[dataset.train.labels])
    accuracy = np.mean((rows[1] @ weights).argmax(axis=1) == test.labels)
    assert accuracy < (0.75 if classes == 2 else 0.65)


def test_shapes_are_those_of_the_source() -> None:
    with pytest.raises(ConfigError, match=r"data\.input_shape\[0\] is 64; allowed: 128"):
        load_config("motion_128x3", ["data.input_shape=[64,3]"])
    with pytest.raises(
        ConfigError, match=r"holds pictures: give \[height, width, channels\], with 1 \(grey\) channels"
    ):
        load_config("grey_96x96", ["data.input_shape=[96,96,3]"])


def test_every_preset_is_named_for_its_shape() -> None:
    for name in preset_names():
        shape = load_config(name).data.input_shape
        assert "x".join(map(str, shape[:2])) in name
