"""The converter's order of operators, on networks whose answers are known; beside real files: test_sketching.py."""

import pytest
import tf_keras

from edge_nas.graph.converterorder import converter_order
from edge_nas.graph.walk import layer_calls

L = tf_keras.layers


def _order(model: tf_keras.Model) -> list[str]:
    return [part.call.layer.name for part in converter_order(model, layer_calls(model), "qat") if part.inputs]


@pytest.mark.parametrize(
    ("shortcut", "first"), [("a", ["a", "m_first", "m_second"]), ("z", ["m_first", "m_second", "z"])]
)
def test_the_branch_of_the_least_name_comes_first(shortcut: str, first: list[str]) -> None:
    inputs = L.Input((4, 4, 2), name="image")
    x = L.Conv2D(3, 1, name="stem")(inputs)
    y = L.Conv2D(3, 1, name="m_second")(L.Conv2D(3, 1, name="m_first")(x))
    model = tf_keras.Model(inputs, L.Add(name="sum")([L.Conv2D(3, 1, name=shortcut)(x), y]))
    assert _order(model) == ["stem", *first, "sum"]


def test_names_end_before_they_are_compared() -> None:
    inputs = L.Input((4, 4, 2), name="image")
    # A hyphen comes before the slash that ends a name, an underscore behind it.
    parts = [L.Conv2D(3, 1, name=name)(inputs) for name in ("a_b", "a", "a-b", "a_10", "a_9")]
    assert _order(tf_keras.Model(inputs, L.Concatenate(name="z")(parts))) == ["a-b", "a", "a_10", "a_9", "a_b", "z"]


def test_a_sum_of_three_begins_when_two_are_there() -> None:
    inputs = L.Input((4, 4, 2), name="image")
    parts = [L.Conv2D(3, 1, name=name)(inputs) for name in ("a", "b", "c")]
    assert _order(tf_keras.Model(inputs, L.Add(name="sum")(parts))) == ["a", "b", "sum", "c", "sum"]


def test_every_call_of_a_layer_has_its_place() -> None:
    inputs, relu = L.Input((4, 4, 2), name="image"), L.ReLU(name="relu")
    x = L.Conv2D(3, 1, name="second")(relu(L.Conv2D(3, 1, name="first")(inputs)))
    assert _order(tf_keras.Model(inputs, relu(x))) == ["first", "relu", "second", "relu"]
