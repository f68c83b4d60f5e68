"""Activations by name are those of the forward pass, bit for bit."""

import numpy as np
import pytest
import tf_keras

from edge_nas.covariance.extractor import ActivationExtractor
from edge_nas.errors import ConfigError, GraphError
from edge_nas.models import Nano_U

SHAPE = (16, 16, 3)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (3, *SHAPE)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    tf_keras.utils.set_random_seed(0)
    return Nano_U(widths=(3, 4, 5, 6, 4, 3))


def test_every_inner_convolution_of_a_subclassed_model_is_the_forward_pass(model, images) -> None:
    extractor = ActivationExtractor(model, ["*depthwise", "*pointwise"], SHAPE)
    assert len(extractor.names) == 12
    seen = extractor(images)
    x = images
    for place, (stage, pool) in enumerate(zip(model.encoder, model.pools, strict=True)):
        depthwise = stage.depthwise(x)
        assert np.array_equal(seen[f"encoder_{place}_depthwise"], depthwise)
        pointwise = stage.pointwise(stage.depthwise_relu(stage.depthwise_bn(depthwise)))
        assert np.array_equal(seen[f"encoder_{place}_pointwise"], pointwise)
        x = pool(stage(x))


def test_it_follows_the_model_when_told_to(model, images) -> None:
    extractor = ActivationExtractor(model, "logit", SHAPE)
    before = extractor(images)["logit"].numpy()
    assert np.array_equal(before, model(images))
    model.set_weights([weight + 0.1 for weight in model.get_weights()])
    assert np.array_equal(extractor(images)["logit"], before)
    extractor.refresh()
    assert np.array_equal(extractor(images)["logit"], model(images))
    assert not np.array_equal(model(images), before)


def test_wrong_use_says_what_to_do(model) -> None:
    with pytest.raises(ConfigError, match="nearest: encoder_0_pointwise"):
        ActivationExtractor(model, "encoder_0_pointwize", SHAPE)
    with pytest.raises(GraphError, match="never been built"):
        ActivationExtractor(Nano_U(), "logit")


def test_known_features_come_out(known) -> None:
    values = ActivationExtractor(known.model, known.features)(known.images)[known.features].numpy().reshape(-1, 4)
    if known.answer == "identical":
        assert np.array_equal(values, np.repeat(values[:, :1], 4, axis=1))
    singular = np.linalg.svd(values - values.mean(axis=0), compute_uv=False)
    assert np.sum(singular > 1e-3 * singular[0]) == known.rank
