"""Probes change nothing, are seen where they stand, and are gone in what is exported."""

from pathlib import Path

import numpy as np
import pytest
import tf_keras

from edge_nas.covariance.extractor import ActivationExtractor
from edge_nas.covariance.report import redundancy_report
from edge_nas.errors import ConfigError, GraphError
from edge_nas.graph.flatten import flatten, mirror
from edge_nas.graph.probes import Probe
from edge_nas.models import DepthwiseSepConv, load_model, save_model

L = tf_keras.layers
SHAPE = (8, 8, 3)


class Block(L.Layer):
    def __init__(self, probed: bool) -> None:
        super().__init__()
        self.conv, self.probe = DepthwiseSepConv(4), Probe("inner") if probed else L.Activation("linear")

    def call(self, x):
        return self.probe(self.conv(x))


class Net(tf_keras.Model):
    def __init__(self, probed: bool = True) -> None:
        super().__init__()
        self.blocks = [Block(probed), Block(probed)]
        self.probe, self.logit = Probe("end") if probed else L.Activation("linear"), L.Conv2D(1, 1)

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return self.logit(self.probe(x))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (3, *SHAPE)).astype(np.float32)


def made(probed: bool = True):
    tf_keras.utils.set_random_seed(0)
    return Net(probed)


def test_a_probe_does_not_change_what_the_model_returns(images) -> None:
    assert np.array_equal(made()(images), made(probed=False)(images))


def test_flat_graphs_and_files_have_no_probes(images, tmp_path: Path) -> None:
    model = made()
    flat = flatten(model, SHAPE)
    assert not any(isinstance(layer, Probe) for layer in flat.layers)
    assert np.array_equal(flat(images), model(images))
    save_model(flat, tmp_path / "net.npz")
    assert np.array_equal(load_model(tmp_path / "net.npz")(images), model(images))


def test_what_probes_see_is_the_forward_pass(images) -> None:
    model = made()
    seen = ActivationExtractor(model, ["inner", "end"], SHAPE)(images)
    first = model.blocks[0](images)
    assert list(seen) == ["blocks_0_inner", "blocks_1_inner", "end"]
    assert np.array_equal(seen["blocks_0_inner"], first)
    assert np.array_equal(seen["blocks_1_inner"], model.blocks[1](first))
    assert np.array_equal(seen["end"], seen["blocks_1_inner"])


def test_probes_in_functional_and_sequential_models(images) -> None:
    inputs = L.Input(SHAPE)
    conv = L.Conv2D(2, 1, name="conv")
    functional = tf_keras.Model(inputs, L.ReLU()(Probe("raw")(conv(inputs))))
    sequential = tf_keras.Sequential([L.Conv2D(2, 1), Probe("raw"), L.ReLU()])
    for model in (functional, sequential):
        seen = ActivationExtractor(model, "raw", SHAPE)(images)["raw"]
        assert np.array_equal(seen, model.layers[-3](images))
        assert np.array_equal(flatten(model, SHAPE)(images), model(images))


def test_a_layer_called_twice_is_seen_at_the_right_call(images) -> None:
    shared, inputs = L.Conv2D(3, 1, name="shared"), L.Input(SHAPE)
    L.ReLU()(shared(inputs))  # another graph that uses the layer
    once = shared(inputs)
    model = tf_keras.Model(inputs, shared(Probe("once")(once)))
    seen = ActivationExtractor(model, "once")(images)["once"]
    assert np.array_equal(seen, shared(images))


def test_the_redundancy_report_includes_probes(images) -> None:
    twin = mirror(made(), SHAPE)
    report = redundancy_report(twin.flat, images, 0.01, probed=twin.probed)
    probes = [layer for layer in report.layers if layer.kind == "Probe"]
    assert [probe.name for probe in probes] == ["blocks_0_inner", "blocks_1_inner", "end"]
    same = next(layer for layer in report.layers if layer.name == "blocks_1_conv_pointwise")
    assert probes[2].spectrum == same.spectrum


def test_a_mirror_follows_the_model(images) -> None:
    model = made()
    twin = mirror(model, SHAPE)
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    assert not np.array_equal(twin.flat(images), model(images))
    twin.refresh()
    assert np.array_equal(twin.flat(images), model(images))


def test_wrong_use_says_what_to_do() -> None:
    class Aside(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.pool, self.probe, self.conv = L.MaxPooling2D(2), Probe("aside"), L.Conv2D(1, 1)

        def call(self, x):
            self.probe(self.pool(x))
            return self.conv(x)

    with pytest.raises(GraphError, match="Probe 'aside' sees a tensor from which the model's output does not follow"):
        flatten(Aside(), SHAPE)
    with pytest.raises(ConfigError, match="label is ''"):
        Probe("")
