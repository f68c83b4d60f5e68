"""report.html as a whole."""

import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from edge_nas.core.config import BuildConfig, ModelSpec, PruneSpec, TrainSpec
from edge_nas.data.dataset import Dataset
from edge_nas.data.folder import FolderSource
from edge_nas.reporting.material import Material
from edge_nas.reporting.page import render
from edge_nas.reporting.pictures import Sample, Samples
from edge_nas.results.scores import Evaluations
from edge_nas.results.train import EpochRecord
from edge_nas.tasks import BINARY_SEGMENTATION, Classification, Regression, Segmentation, Task
from edge_nas.tasks.binary_segmentation import Confusion

VOID = {"meta", "link", "br", "img", "input", "hr"}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
PNG = "data:image/png;base64,iVBORw0KGgo="


class Page(HTMLParser):
    """Checks that every element is closed in its turn, and remembers elements, ids, addresses and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(attribute)) is not None]


@pytest.fixture(scope="module")
def drawn(material: Material) -> Samples:
    pictures = dict.fromkeys(("image", "truth", "int8", "mistakes"), PNG)
    return Samples(
        best=(Sample("0001", None, "mIoU 0.870", pictures, 64, 48),),
        worst=(Sample("0002", "drive 1", "mIoU 0.870", pictures, 64, 48),),
        report=BINARY_SEGMENTATION.report(Confusion(1, 2, 3, 4), split="test", images=2, split_sha256="5" * 64),
    )


@pytest.fixture(scope="module")
def text(material: Material, drawn: Samples) -> str:
    return render(material, drawn)


def test_the_page_is_whole(text: str) -> None:
    page = Page(text)
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    links = [value for tag, attributes in page.elements if tag == "a" and (value := attributes.get("href"))]
    assert len(links) == 9
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert all(attributes.get("alt") for tag, attributes in page.elements if tag == "img")
    assert all(attributes.get("aria-label") for tag, attributes in page.elements if tag == "svg")
    assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")


def test_it_opens_offline(text: str) -> None:
    page = Page(text)
    assert re.findall(r"https?:|//[a-z]|@import|<link|<iframe", text) == []
    # One script, which sorts tables: the policy knows it by its hash, and lets no other run.
    (script,) = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
    assert not re.search(r"fetch|XMLHttpRequest|import|eval|innerHTML", script)
    assert all(source.startswith("data:image/png;base64,") for source in page.values("src"))
    addresses = page.values("href") + page.values("xlink:href") + re.findall(r"url\(([^)]*)\)", text)
    assert all(address.startswith("#") for address in addresses)
    assert "default-src 'none'" in text


def test_the_same_build_gives_the_same_bytes(material: Material, drawn: Samples, text: str) -> None:
    assert render(material, drawn) == text


def test_what_it_tells(text: str) -> None:
    shown = Page(text).text
    for said in (
        "27.0 points above the mean mask",
        "12,920",
        "2.00\N{NO-BREAK SPACE}M",
        "10.0\N{NO-BREAK SPACE}KiB",
        "Fine-tuning after pruning",
        "decov_weight: 0.01",
        "the network's output",
        "12.50\N{NO-BREAK SPACE}%",
        "99.90\N{NO-BREAK SPACE}%",
        "a" * 64,
        "62.2\N{NO-BREAK SPACE}s",
        "a processor",
        "drive 1",
    ):
        assert said in shown, said


def test_names_are_text_whatever_they_hold(material: Material, changed: Any, drawn: Samples) -> None:
    pruned = material.prune
    (stem,) = material.analyze.redundancy.layers
    group = pruned.plan.groups[0].model_copy(update={"name": HOSTILE, "members": (HOSTILE,), "readers": (HOSTILE,)})
    frozen = pruned.plan.frozen[0].model_copy(update={"name": HOSTILE, "reason": HOSTILE})
    layers = material.analyze.redundancy.model_copy(update={"layers": (stem.model_copy(update={"name": HOSTILE}),)})
    (litert,) = material.benchmark.benchmarks
    injected = replace(
        material,
        config=material.config.model_copy(update={"name": HOSTILE, "model": ModelSpec(name=HOSTILE)}),
        dataset=replace(material.dataset, shared_groups=(HOSTILE,)),
    )
    injected = changed(injected, "analyze", redundancy=layers)
    injected = changed(injected, "train", decov_layer=HOSTILE)
    injected = changed(injected, "prune", plan=pruned.plan.model_copy(update={"groups": (group,), "frozen": (frozen,)}))
    injected = changed(
        injected,
        "benchmark",
        benchmarks=(litert.model_copy(update={"model": HOSTILE}),),
        machine={HOSTILE: HOSTILE},
    )
    seen = [replace(sample, name=HOSTILE, group=HOSTILE) for sample in drawn.best]
    text = render(injected, replace(drawn, best=tuple(seen)))
    page = Page(text)
    assert text.count("<script") == 1
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert all(source.startswith("data:") for source in page.values("src"))
    assert page.text.count(HOSTILE) >= 10
    assert any(HOSTILE in label for label in page.values("aria-label"))


def test_int8_stands_beside_float_layer_by_layer(material, drawn, changed) -> None:
    page = Page(render(material, drawn))
    assert "int8 beside float, layer by layer" in page.text
    assert re.search(r"stem\s*CONV_2D\s*0\.012\s*logit\s*FULLY_CONNECTED\s*0\.037", page.text)
    unknown = changed(material, "quantize", fidelity=None)
    assert "int8 beside float" not in Page(render(unknown, drawn)).text


def _without_training(material: Material, changed: Any) -> Material:
    for part in ("train", "prune", "quantize"):
        material = changed(material, part, history=())
    return replace(material, config=BuildConfig(prune=PruneSpec(ratio=0.0)))


def _all_frozen(material: Material, changed: Any) -> Material:
    plan = material.prune.plan.model_copy(update={"groups": ()})
    return changed(material, "prune", plan=plan)


def _with_teacher(material: Material, changed: Any) -> Material:
    config = BuildConfig(train=TrainSpec(teacher=ModelSpec(name="bu_net")))
    taught = changed(replace(material, config=config), "train", teacher=material.train.model)
    return changed(taught, "train", teacher_history=material.train.history,
                   teacher_evaluation=material.train.evaluation)  # fmt: skip


def _undefined(material: Material, changed: Any) -> Material:
    reported = material.quantize.evaluation.reported
    nothing = reported.metrics.model_copy(update=dict.fromkeys(("miou", "foreground_iou", "background_iou", "f1")))
    counts = {"true_positive": 0, "false_positive": 0, "false_negative": 0}
    evaluation = reported.model_copy(update={"metrics": nothing, **counts})
    return changed(
        material, "quantize", evaluation=material.quantize.evaluation.model_copy(update={"reported": evaluation})
    )


def _from_folder(material: Material, changed: Any) -> Material:
    config = BuildConfig(name="mine", data=FolderSource(root="somewhere", holdout_group="a"))
    return replace(material, config=config, dataset=replace(material.dataset, test=None))


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        (_without_training, "prune.ratio is 0: nothing was removed, so nothing was fine-tuned."),
        (_all_frozen, "No channel group is free to be pruned."),
        (_with_teacher, "Teacher (bu_net)"),
        (_undefined, "undefined"),
        (_from_folder, "held-out group a"),
    ],
)
def test_builds_of_other_kinds(
    material: Material, changed: Any, drawn: Samples, variant: Callable[[Material, Any], Material], said: str
) -> None:
    page = Page(render(variant(material, changed), drawn))
    assert said in page.text
    assert "nan" not in page.text.lower().split()
    assert "None" not in page.text


def _of_task(material: Material, changed: Any, task: Task, labels: np.ndarray, outputs: np.ndarray) -> Material:
    """Returns a build of another task; all of its networks gave `outputs`, and each split has as many `labels`."""
    data, records = material.dataset, EpochRecord(epoch=1, learning_rate=0.1, values={"loss": 0.5})
    splits = [split and replace(split, labels=labels[: len(split)], task=task)
              for split in (data.train, data.val, data.test)]  # fmt: skip
    report = task.report(task.count(outputs[:5], labels[:5]), split="test", images=5, split_sha256="5" * 64)
    every = Evaluations(val=report, reported=report)
    history = (records.model_copy(update={"values": {"loss": 0.5, task.loss_name: 0.4, f"val_{task.score[0]}": 0.3}}),)
    floors = {trivial.key: report for trivial in task.trivial}
    material = replace(material, dataset=Dataset(*splits))
    material = changed(material, "train", evaluation=every, baselines=floors, history=history)
    material = changed(material, "prune", repaired=every, pruned=every, history=history)
    material = changed(material, "quantize", evaluation=every, history=history)
    return changed(material, "export", evaluations={"model.tflite": report})


NUMBERS = np.random.default_rng(0)
MASKS = NUMBERS.integers(0, 3, (6, 8, 8), dtype=np.uint8)
CLASSES = np.array([0, 1, 2, 0, 1, 2], np.int32)


@pytest.mark.parametrize(
    ("task", "labels", "said"),
    [
        (Segmentation(("ground", "path", "sea")), MASKS, ("predicted sea", "pixel accuracy", "the majority mask")),
        (Classification(("cat", "dog", "owl")), CLASSES, ("true owl", "macro F1", "Best answers", "most frequent")),
        (Regression((0.0,), (1.0,)), NUMBERS.normal(size=(6, 1)).astype(np.float32), ("R²", "RMSE", "the mean target")),
    ],
)
def test_the_report_of_another_task(
    material: Material, changed: Any, drawn: Samples, *, task: Task, labels: np.ndarray, said: tuple[str, ...]
) -> None:
    outputs = NUMBERS.normal(size=(6, *task.output_shape((8, 8, 3)))).astype(np.float32)
    page = Page(render(_of_task(material, changed, task, labels, outputs), drawn))
    for part in (*said, f"{task.score[1]} on test, int8", f"Highest {task.score[1]} on val 0.300"):
        assert part in page.text
    assert "None" not in page.text
    assert ("Confusion of the int8 file" in page.text) == (task.output_kind != "value")
    if not task.has_masks:
        assert "mask" not in page.text.partition("Redundancy")[0].lower()


def test_a_split_of_one_image(material: Material, drawn: Samples) -> None:
    text = Page(render(material, replace(drawn, worst=()))).text
    assert "Best masks" in text
    assert "Worst masks" not in text


def test_every_colour_has_a_value_in_both_schemes(text: str) -> None:
    light, _, rest = text.partition("@media screen and (prefers-color-scheme: dark)")
    dark = rest.partition("*, *::before")[0]
    used = set(re.findall(r"var\((--[a-z-]+)\)", text)) - {"--mono"}
    for scheme in (light, dark):
        assert used <= set(re.findall(r"(--[a-z-]+):", scheme))


def test_no_tensorflow() -> None:
    code = "import sys, edge_nas.reporting; print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert done.stderr == ""
