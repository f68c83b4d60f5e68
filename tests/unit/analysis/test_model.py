"""Redundancy of a model in hand, and the widths that follow from it."""

import numpy as np
import pytest
import tf_keras

from edge_nas.analysis.model import Width, analyze_model
from edge_nas.errors import ConfigError
from edge_nas.graph.probes import Probe

L = tf_keras.layers


class Net(tf_keras.Model):
    """`wide` has six channels of which two are independent."""

    def __init__(self) -> None:
        super().__init__()
        self.wide, self.probe, self.logit = L.Conv2D(6, 1), Probe("seen"), L.Conv2D(1, 1)

    def call(self, x):
        return self.logit(self.probe(self.wide(x)))


@pytest.fixture(scope="module")
def model():
    net = Net()
    net.build((None, 8, 8, 3))
    net(np.zeros((1, 8, 8, 3), np.float32))
    random = np.random.default_rng(0)
    net.wide.set_weights([(random.normal(size=(3, 2)) @ random.normal(size=(2, 6)))[None, None], np.zeros(6)])
    return net


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)


def test_dependent_channels_are_found_and_the_width_recommended(model, pixels) -> None:
    told: list[tuple[int, int]] = []
    analysis = analyze_model(model, pixels, 1e-3, tick=lambda done, total: told.append((done, total)))
    wide, logit, seen = analysis.report.layers
    assert (wide.name, logit.name, seen.name, seen.kind) == ("wide", "logit", "seen", "Probe")
    assert wide.suggested_width == 2
    assert wide.effective_rank <= 2.0 + 1e-6
    assert analysis.widths == {"wide": Width(6, 2)}
    np.testing.assert_allclose(analysis.correlations["seen"], analysis.correlations["wide"])
    assert told == [(5, 5)]
    assert analysis.to_data()["widths"] == {"wide": {"channels": 6, "recommended": 2}}


def test_pixels_and_the_inputs_made_of_them_are_the_same(model, pixels) -> None:
    inputs = pixels.astype(np.float32) / np.float32(127.5) - np.float32(1.0)
    assert analyze_model(model, pixels).report == analyze_model(model, inputs).report


@pytest.mark.parametrize("error", [0.0, 1.0, -1.0])
def test_width_error_is_a_share(model, pixels, error: float) -> None:
    with pytest.raises(ConfigError, match="width_error"):
        analyze_model(model, pixels, error)
