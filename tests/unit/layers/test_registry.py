"""Which kind a layer is of: its class's, its base's where it computes the same, what it says itself, or none."""

import pytest
import tf_keras

from edge_nas.graph.groups import channel_graph
from edge_nas.layers import UNKNOWN, Elementwise, LayerKind, Unknown, kind_of, register

L = tf_keras.layers


class Three(L.Conv2D):
    """A convolution that is made in another way."""

    def __init__(self, filters, **settings):
        super().__init__(filters, 3, padding="same", **settings)

    def get_config(self):
        config = super().get_config()
        return {key: config[key] for key in ("name", "filters", "activation", "use_bias")}

    def receptive_field(self):
        return 3


class Doubled(L.Conv2D):
    """A convolution that computes something else."""

    def call(self, inputs):
        return 2.0 * super().call(inputs)


def test_a_subclass_that_computes_the_same_is_of_its_bases_kind() -> None:
    assert kind_of(Three(4)) is kind_of(L.Conv2D(4, 3))


def test_the_nearest_base_counts() -> None:
    """Keras derives its transposed convolutions from the plain ones."""
    assert issubclass(L.Conv2DTranspose, L.Conv2D)
    assert kind_of(L.Conv2DTranspose(4, 3)) is not kind_of(L.Conv2D(4, 3))


def test_a_mixin_that_overrides_something_counts_as_well() -> None:
    class Mixin:
        def call(self, inputs):
            return inputs

    class Mixed(Mixin, L.Conv2D):
        pass

    assert isinstance(kind_of(Mixed(4, 3)).channels, Unknown)


def reason_for(layer) -> str | None:
    inputs = L.Input((8, 8, 3))
    x = layer(L.Conv2D(4, 1, name="first")(inputs))
    graph = channel_graph(tf_keras.Model(inputs, L.Conv2D(1, 1, name="last")(x)))
    return next(group.frozen for group in graph.groups if group.name == "first")


def test_a_subclass_that_computes_something_else_freezes_what_it_touches_and_says_why() -> None:
    reason = reason_for(Doubled(4, 3, name="doubled"))
    assert reason == "Doubled 'doubled' overrides call of Conv2D and has no channel_rule"


def test_a_configuration_without_the_width_freezes() -> None:
    class Wide(L.Conv2D):
        def __init__(self, multiple, **settings):
            super().__init__(4 * multiple, 3, **settings)

        def get_config(self):
            return {"name": self.name, "multiple": self.filters // 4}

    assert reason_for(Wide(1, name="wide")) == "wide has no 'filters' in its configuration"


def test_a_layer_that_names_its_rule_keeps_the_rest_of_its_kind() -> None:
    rule = Elementwise()
    layer = L.ReLU()
    layer.channel_rule = rule
    assert kind_of(layer) == LayerKind(**{**vars(kind_of(L.ReLU())), "channels": rule})


def test_channels_that_come_first_are_not_followed() -> None:
    assert isinstance(kind_of(L.Conv2D(4, 3, data_format="channels_first")).channels, Unknown)


def test_a_kind_from_outside() -> None:
    class Own(L.Layer):
        pass

    class Derived(Own):
        pass

    kind = LayerKind(channels=Elementwise())
    assert kind_of(Own()) is UNKNOWN
    register(kind, Own)
    assert kind_of(Own()) is kind_of(Derived()) is kind
    with pytest.raises(ValueError, match="layers of class Own have a kind already"):
        register(kind, Own)
