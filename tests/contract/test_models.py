"""What every registered model promises, whoever wrote it."""

import inspect

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.core.config import ModelSpec
from edge_nas.errors import ConfigError
from edge_nas.graph.cost import keras_cost
from edge_nas.graph.flatten import flatten
from edge_nas.graph.groups import channel_graph
from edge_nas.models import MODELS, create_model
from edge_nas.pruning import prune_model
from edge_nas.tasks import Segmentation

SHAPES = {"keyword_net": (20, 8), "motion_net": (32, 3), "presence_net": (32, 32, 1)}
"""What networks take that are not for RGB pictures, and give one answer for."""
OWN_REASONS = {"keyword_net": {"as_map cuts 8 channels into rows of 1"}}
"""Bands of a spectrogram are places of a map, not channels."""
PICTURE = (16, 32, 3)


def shape_of(name: str) -> tuple[int, ...]:
    return SHAPES.get(name, PICTURE)


def output_shape_of(name: str, outputs: int) -> tuple[int, ...]:
    return (outputs,) if name in SHAPES else (*PICTURE[:2], outputs)


@pytest.fixture(scope="module", params=sorted(MODELS))
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def flat(name: str):
    tf_keras.utils.set_random_seed(0)
    return flatten(create_model(ModelSpec(name=name)), shape_of(name))


def test_it_gives_one_logit_per_pixel_or_sample(name: str, flat) -> None:
    images = np.random.default_rng(0).uniform(-1, 1, (2, *shape_of(name))).astype(np.float32)
    logits = flat(images).numpy()
    assert logits.shape == (2, *output_shape_of(name, 1))
    assert np.isfinite(logits).all()
    # No sigmoid at the end: what the last weights give turns with their sign.
    last = [layer for layer in flat.layers if layer.weights][-1]
    weights = last.get_weights()
    last.set_weights([-weight for weight in weights])
    turned = flat(images).numpy()
    last.set_weights(weights)
    assert min(logits.min(), turned.min()) < 0
    assert type(flat.layers[-1]).__name__ != "Activation"


def test_it_gives_as_many_logits_as_there_are_classes(name: str) -> None:
    network = create_model(ModelSpec(name=name), Segmentation(("a", "b", "c")))
    assert network(tf.zeros((1, *shape_of(name)))).shape == (1, *output_shape_of(name, 3))


def test_it_is_flat_and_understood(name: str, flat) -> None:
    assert not [layer for layer in flat.layers if isinstance(layer, tf.Module) and "Lambda" in type(layer).__name__]
    graph = channel_graph(flat)
    assert graph.free
    reasons = {group.frozen for group in graph.groups if group.frozen}
    assert reasons - OWN_REASONS.get(name, set()) == {"the network's input", "the network's output"}
    assert keras_cost(flat).macs > 0


def test_half_of_its_channels_can_be_removed(name: str, flat) -> None:
    images = np.random.default_rng(0).uniform(-1, 1, (4, *shape_of(name))).astype(np.float32)
    smaller, plan = prune_model(flat, images, 0.5, repair_samples=2000)
    assert plan.after.macs < 0.5 * plan.before.macs
    assert np.isfinite(smaller(images).numpy()).all()


def test_its_batchnorm_settles_within_a_short_run(flat) -> None:
    momenta = {layer.momentum for layer in flat.layers if hasattr(layer, "momentum")}
    assert momenta <= {0.9}


def test_other_widths_give_another_size(name: str, flat) -> None:
    widths = inspect.signature(MODELS.get(name)).parameters["widths"].default
    narrower = create_model(ModelSpec(name=name, arguments={"widths": [max(1, width // 2) for width in widths]}))
    narrower(tf.zeros((1, *shape_of(name))))
    assert narrower.count_params() < flat.count_params()


@pytest.mark.parametrize("widths", [[0] * 6, [-4] * 6, [2.5] * 6, ["x"] * 6, [], [None] * 6, 5], ids=str)
def test_impossible_widths_are_refused(name: str, widths) -> None:
    with pytest.raises(ConfigError, match="widths"):
        create_model(ModelSpec(name=name, arguments={"widths": widths}))


def test_unknown_arguments_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"model.arguments of {name}: unknown colour; allowed: .*widths"):
        create_model(ModelSpec(name=name, arguments={"colour": "red"}))
