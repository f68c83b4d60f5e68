"""Correlation matrices as pictures."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edge_nas.reporting.heatmaps import heatmap, scale
from edge_nas.results.redundancy import LayerRedundancy


def _pixels(uri: str) -> np.ndarray:
    head, data = uri.split(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


@pytest.fixture
def layer(sample_outputs: Any) -> LayerRedundancy:
    return sample_outputs.analyze.redundancy.layers[0]


def test_one_pixel_per_pair_coloured_by_size_not_by_sign(layer: LayerRedundancy) -> None:
    matrix = ((1.0, 0.5, -0.5), (0.5, 1.0, 0.0), (-0.5, 0.0, 1.0))
    drawn = heatmap(layer.model_copy(update={"channels": 3, "correlation": matrix}))
    assert drawn is not None
    assert drawn.channels == 3
    pixels = _pixels(drawn.picture)
    assert pixels.shape == (3, 3, 3)
    assert np.array_equal(pixels[0, 1], pixels[0, 2])
    assert pixels[1, 2].sum() < pixels[0, 1].sum() < pixels[0, 0].sum()  # brighter where the correlation is larger


def test_no_picture_without_a_matrix_or_a_pair(layer: LayerRedundancy) -> None:
    assert heatmap(None) is None
    assert heatmap(layer) is None
    assert heatmap(layer.model_copy(update={"channels": 1, "correlation": ((1.0,),)})) is None


def test_the_scale_gets_brighter_to_the_right() -> None:
    brightness = _pixels(scale())[0].astype(int) @ np.array([299, 587, 114])
    assert (np.diff(brightness) >= 0).all()
    assert brightness[-1] > 3 * brightness[0]
