"""An analysis on the disk: JSON, table and pictures."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_nas.analysis.files import analysis_text, write_analysis
from edge_nas.analysis.model import Analysis, Width
from edge_nas.results.redundancy import RedundancyReport


@pytest.fixture
def analysis(sample_outputs) -> Analysis:
    matrix = np.array([[1.0, -0.5], [-0.5, 1.0]])
    report = sample_outputs.analyze.redundancy
    return Analysis(report, {"stem": matrix, "a_b$c_<&": matrix}, {"stem": Width(16, 9)})


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_everything_is_written_and_the_same_each_time(analysis: Analysis, tmp_path: Path, kind) -> None:
    files = write_analysis(analysis, tmp_path / "one", kind)
    assert [file.name for file in files] == [
        "redundancy.json",
        "redundancy.txt",
        f"correlation.{kind}",
        f"spectrum.{kind}",
    ]
    assert json.loads(files[0].read_text(encoding="utf-8"))["widths"] == {"stem": {"channels": 16, "recommended": 9}}
    assert files[1].read_text(encoding="utf-8") == analysis_text(analysis)
    again = write_analysis(analysis, tmp_path / "two", kind)
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in files]
    if kind == "png":
        with Image.open(files[2]) as picture:
            assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 10
    else:
        assert "<svg" in files[3].read_text(encoding="utf-8")


def test_the_text_has_every_layer_and_every_width(analysis: Analysis) -> None:
    text = analysis_text(analysis)
    assert "stem   Conv2D  16" in text
    assert "stem    16 -> 9" in text


def test_a_network_without_layers_has_no_pictures(tmp_path: Path) -> None:
    empty = Analysis(RedundancyReport(images=3, layers=()), {}, {})
    assert [file.name for file in write_analysis(empty, tmp_path)] == ["redundancy.json", "redundancy.txt"]
    assert "no channel group" in analysis_text(empty)
