"""The tenth stage: report.html, of the file that was evaluated."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stagecontexts import stage_context

from edge_nas.data.dataset import Dataset, ImageSet
from edge_nas.errors import EdgeNasError
from edge_nas.evaluation.evaluate import evaluate_split
from edge_nas.reporting.pictures import Sample, Samples
from edge_nas.results.scores import AnyReport
from edge_nas.runtimes.litert import LitertRuntime
from edge_nas.stages.report import report

PNG = "data:image/png;base64,iVBORw0KGgo="


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    generator = np.random.default_rng(0)

    def split(count: int) -> ImageSet:
        images = generator.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
        masks = generator.integers(0, 2, (count, 8, 8), dtype=np.uint8)
        return ImageSet(images, masks, tuple(f"{index}" for index in range(count)))

    return Dataset(split(6), split(4), split(5))


@pytest.fixture
def lent(sample_outputs: Any, dataset: Dataset, tiny_models: Any, tmp_path: Path) -> Callable[..., Any]:
    """What the stage is lent after a build whose int8 file scored `reported`."""
    (tmp_path / "artifacts").mkdir()
    shutil.copy(tiny_models.int8_tflite, tmp_path / "artifacts" / "model.tflite")

    def context(reported: AnyReport | None = None) -> Any:
        outputs = list(sample_outputs.all())[:-1]
        if reported is not None:
            evaluation = sample_outputs.quantize.evaluation.model_copy(update={"reported": reported})
            quantized = sample_outputs.quantize.model_copy(update={"evaluation": evaluation})
            outputs[outputs.index(sample_outputs.quantize)] = quantized
        return stage_context("report", tmp_path, *outputs, dataset=dataset)

    return context


def test_one_file_at_the_top_of_the_run(lent: Any, dataset: Dataset, tiny_models: Any) -> None:
    runtime = LitertRuntime(tiny_models.int8_tflite, reference=True)
    assert dataset.test is not None
    evaluated = evaluate_split(runtime.run, dataset.test, "test")
    context = lent(evaluated)
    output = report(context)
    data = (context.folder / "report.html").read_bytes()
    assert output.path == "report.html"
    assert output.sha256 == hashlib.sha256(data).hexdigest()
    assert context.published == {"report.html": "report.html", "model_card.md": "artifacts/model_card.md"}
    assert (context.folder / "model_card.md").read_text().startswith("# ")
    assert {path.name for path in context.folder.iterdir()} == {"report.html", "model_card.md"}
    assert f"{evaluated.true_positive:,}" in data.decode()  # type: ignore[union-attr]


def test_pictures_of_another_file_are_refused(lent: Any) -> None:
    with pytest.raises(EdgeNasError, match=r"model\.tflite gives mIoU .* on test, but mIoU 0\.87, .* were evaluated"):
        report(lent())


def test_a_name_that_is_no_unicode(lent: Any, sample_outputs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = dict.fromkeys(("image", "truth", "int8", "mistakes"), PNG)
    named = Sample("caf\udce9.png", None, "mIoU 0.870", pictures, 64, 48)
    drawn = Samples(best=(named,), worst=(), report=sample_outputs.quantize.evaluation.reported)
    monkeypatch.setattr("edge_nas.reporting.samples", lambda *_: drawn)
    context = lent()
    report(context)
    assert "caf\\udce9.png" in (context.folder / "report.html").read_text(encoding="utf-8")
