"""A family of somebody else's, in one class: registered, drawn, changed, built."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from edge_nas.errors import ConfigError
from edge_nas.search.space import FAMILIES, Candidate, Choice, Family, Signature, whole

SIGNATURE = Signature(input_shape=(6,), outputs=2)


class _Perceptron(Family):
    """Dense layers of one width over features."""

    name = "perceptron"

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        """Returns width and depth."""
        return (Choice("width", (4, 8)), Choice("depth", (1, 2)))

    def network(self, candidate: Candidate) -> Any:
        """Returns the network."""
        import tf_keras

        self.check(candidate)
        layers = tf_keras.layers
        start = x = tf_keras.Input(candidate.signature.input_shape)
        for _ in range(whole(candidate.values, "depth")):
            x = layers.ReLU()(layers.Dense(whole(candidate.values, "width"))(x))
        return tf_keras.Model(start, layers.Dense(candidate.signature.outputs)(x))


@pytest.fixture
def registered() -> Iterator[None]:
    """The family, for one test."""
    FAMILIES.register("perceptron")(_Perceptron())
    yield
    FAMILIES.remove("perceptron")


@pytest.mark.usefixtures("registered")
def test_an_added_family_is_searched_as_ours() -> None:
    family = FAMILIES.get("perceptron")
    drawn = {family.draw(SIGNATURE, random.Random(seed)) for seed in range(40)}
    assert len(drawn) == 4
    assert len(family.neighbours(family.smallest(SIGNATURE))) == 2
    # 6 x 4 and 4 x 2 weights, with a bias each.
    assert family.network(family.smallest(SIGNATURE)).count_params() == 28 + 10


def test_it_is_gone_afterwards() -> None:
    with pytest.raises(ConfigError, match="unknown family 'perceptron'"):
        FAMILIES.get("perceptron")
