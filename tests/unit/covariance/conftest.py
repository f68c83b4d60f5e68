"""Networks whose features are identical, orthogonal or linearly dependent by construction."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

SHAPE = (16, 16, 3)
ANSWERS = ("identical", "orthogonal", "dependent")
NETWORKS = ("functional", "subclassed", "bu_net")


@dataclass(frozen=True)
class Known:
    """A model, images for it, the layer with the four features that feed the output layer, and what is known of them.

    `score`: mean squared correlation, None where it depends on the numbers. `rank`: how many of them are independent.
    """

    model: Any
    images: np.ndarray
    features: str
    answer: str
    score: float | None
    rank: int


@pytest.fixture(scope="session", params=[(network, answer) for network in NETWORKS for answer in ANSWERS], ids=" ".join)
def known(request: pytest.FixtureRequest) -> Known:
    import tf_keras

    network, answer = request.param
    tf_keras.utils.set_random_seed(1)
    model, mixing, last, features = _network(network)
    images = np.random.default_rng(0).uniform(-1, 1, (6, *SHAPE)).astype(np.float32)
    model(images[:1])
    for layer in model.submodules:
        if isinstance(layer, tf_keras.layers.BatchNormalization):
            # Every ReLU lets everything through, also what the kernel below makes of positive numbers.
            layer.momentum = 1.0  # its statistics stay where they are while a test trains
            layer.beta.assign(np.full(layer.beta.shape, 500.0 if layer is last else 20.0))
    mixing.set_weights([_kernel(answer, model, images, mixing, features), *mixing.get_weights()[1:]])
    score = {"identical": 1.0, "orthogonal": 0.0, "dependent": None}[answer]
    return Known(model, images, features, answer, score, {"identical": 1, "orthogonal": 4, "dependent": 2}[answer])


def _kernel(answer: str, model: Any, images: np.ndarray, mixing: Any, features: str) -> np.ndarray:
    """Returns the 1x1 kernel (1, 1, 4, 4) that makes the features what they shall be."""
    from edge_nas.covariance.extractor import ActivationExtractor

    random = np.random.default_rng(3).normal(size=(4, 4))
    if answer == "identical":
        return np.repeat(random[:, :1], 4, axis=1)[None, None]
    if answer == "dependent":
        return np.hstack([random[:, :2], random[:, :2] @ [[1.0, 0.5], [-2.0, 1.0]]])[None, None]
    mixing.set_weights([np.eye(4)[None, None], *mixing.get_weights()[1:]])
    rows = ActivationExtractor(model, features)(images)[features].numpy().reshape(-1, 4).astype(np.float64)
    values, vectors = np.linalg.eigh(np.cov(rows.T))
    return np.asarray((vectors / np.sqrt(values))[None, None])


def _network(kind: str) -> tuple[Any, Any, Any, str]:
    """Returns a model, the 1x1 convolution that makes its last features, its BatchNorm, and their name."""
    import tf_keras

    from edge_nas.models import BU_Net, DepthwiseSepConv

    layers = tf_keras.layers
    if kind == "functional":
        inputs = layers.Input(SHAPE)
        mixing = layers.Conv2D(4, 1, name="features")
        x = mixing(layers.Conv2D(4, 3, padding="same", name="stem")(inputs))
        return tf_keras.Model(inputs, layers.Conv2D(1, 1, name="logit")(x)), mixing, None, "features"
    if kind == "bu_net":
        model = BU_Net(widths=(4, 4))
        return model, *model.decoder[0].blocks[2][2:4], "decoder_0_blocks_2_4"

    class Net(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = [DepthwiseSepConv(4), DepthwiseSepConv(4)]
            self.logit = layers.Conv2D(1, 1)

        def call(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return self.logit(x)

    model = Net()
    return model, model.blocks[1].pointwise, model.blocks[1].pointwise_bn, "blocks_1_pointwise_relu"
