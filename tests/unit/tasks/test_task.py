"""What every task promises."""

import subprocess
import sys

import numpy as np
import pytest

from edge_nas.tasks import BINARY_SEGMENTATION, TASKS, Classification, Regression, Segmentation, Task

EVERY = [
    BINARY_SEGMENTATION,
    Segmentation(("a", "b", "c")),
    Classification(("a", "b", "c")),
    Regression((0.0,), (1.0,)),
]


@pytest.fixture(params=EVERY, ids=[task.name for task in EVERY])
def task(request: pytest.FixtureRequest) -> Task:
    return request.param


def outputs_of(task: Task, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(6, *task.output_shape((4, 4, 3)))).astype(np.float32)


def labels_of(task: Task) -> np.ndarray:
    """Returns labels that are all right where the outputs are those of seed 0."""
    return task.as_labels(task.predict(outputs_of(task)))


def test_it_goes_by_its_name(task: Task) -> None:
    assert TASKS.get(task.name) is type(task)


def test_right_answers_score_one_and_others_less(task: Task) -> None:
    labels = labels_of(task)
    task.check_labels(labels, (6, 4, 4, 3))
    scores = [
        task.report(task.count(outputs, labels), split="val", images=6, split_sha256="x").metrics.primary
        for outputs in (outputs_of(task), outputs_of(task, 1))
    ]
    assert scores[0] == 1.0
    assert scores[1] is not None
    assert scores[1] < 0.99


def test_batches_add_up(task: Task) -> None:
    outputs, labels = outputs_of(task, 1), labels_of(task)
    parts = task.count(outputs[:4], labels[:4]) + task.count(outputs[4:], labels[4:])
    told = [
        task.report(tally, split="val", images=6, split_sha256="x") for tally in (task.count(outputs, labels), parts)
    ]
    assert told[0].metrics.shown == pytest.approx(told[1].metrics.shown, rel=1e-9)


def test_its_scores_and_trivial_predictors_are_named(task: Task) -> None:
    labels = labels_of(task)
    runs = task.baselines(labels)
    assert list(runs) == [trivial.key for trivial in task.trivial]
    for run in runs.values():
        answer = run(np.zeros((2, 4, 4, 3), np.float32))
        assert answer.shape == (2, *task.output_shape((4, 4, 3)))
        task.count(answer, labels[:2])
    assert task.score[0] in task.scores.model_fields
    assert task.metric().name == task.score[0]


def test_it_says_something_of_labels_and_answers(task: Task) -> None:
    labels, outputs = labels_of(task), outputs_of(task)
    assert all(isinstance(fact, int | float | str) for fact in task.facts(labels).values())
    assert task.caption(labels[0], outputs[0])
    pictures = task.pictures(np.zeros((4, 4, 3), np.uint8), labels[0], outputs[0])
    assert all(picture.shape == (4, 4, 3) for picture in pictures.values())
    assert next(iter(pictures)) == "image"


def test_no_tensorflow_is_imported() -> None:
    code = "import sys, edge_nas.tasks.card; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
