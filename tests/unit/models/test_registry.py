"""Models by name, with arguments that are checked before Keras meets them."""

import pytest
import tf_keras
from kerasfiles import save, write

from edge_nas.core.config import ModelSpec
from edge_nas.errors import ConfigError
from edge_nas.models import MODELS, Fast_U, create_model
from edge_nas.tasks import Classification, Segmentation


def test_the_reference_models_are_registered() -> None:
    assert {"nano_u", "bu_net", "fast_u"} <= set(MODELS)


def test_arguments_reach_the_constructor() -> None:
    model = create_model(ModelSpec(name="fast_u", arguments={"widths": [4, 6], "depth": 3}))
    assert isinstance(model, Fast_U)
    assert [len(level) for level in model.levels] == [3]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("nano_v", {}, "nano_u"),
        ("nano_u", {"width": [1]}, "model.arguments of nano_u: unknown width; allowed: widths"),
        ("nano_u", {"widths": [4, 4]}, r"nano_u: widths needs 6 numbers, one per stage; seen 2: \[4, 4\]"),
        (
            "nano_u",
            {"widths": [4, 4, 0, 4, 4, 4]},
            r"model.arguments.widths of nano_u: seen .*allowed: a list of whole numbers >= 1",
        ),
        ("nano_u", {"widths": [4, 4, 2.5, 4, 4, 4]}, "allowed: a list of whole numbers >= 1"),
        ("nano_u", {"widths": ["a", 4, 4, 4, 4, 4]}, "allowed: a list of whole numbers >= 1"),
        ("nano_u", {"widths": 16}, "seen 16; allowed: a list of whole numbers"),
        ("nano_u", {"widths": "16"}, "seen '16'; allowed: a list"),
        ("bu_net", {"widths": [4]}, r"bu_net: widths needs at least 2 numbers"),
        ("fast_u", {"widths": []}, "fast_u: widths needs at least 2 numbers"),
        ("fast_u", {"depth": 0}, "model.arguments.depth of fast_u: seen 0"),
        ("fast_u", {"depth": True}, "model.arguments.depth of fast_u: seen True"),
        ("fast_u", {"depth": [1, 2]}, "allowed: a whole number >= 1"),
        ("fast_u", {"depth": None}, "seen None; allowed: a whole number >= 1"),
    ],
)
def test_wrong_arguments_are_refused(name: str, arguments, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        create_model(ModelSpec(name=name, arguments=arguments))


def test_a_name_may_be_a_file_or_a_function(tmp_path, monkeypatch) -> None:
    path = write(tmp_path / "net.keras", "k2.keras")
    assert create_model(ModelSpec(name=str(path))).count_params() == 4
    (tmp_path / "own_nets_for_registry.py").write_text(
        "import edge_nas.models\ndef net(widths): return edge_nas.models.Fast_U(widths, depth=1)\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    model = create_model(ModelSpec(name="own_nets_for_registry:net", arguments={"widths": [4, 6]}))
    assert isinstance(model, Fast_U)


def test_a_registered_model_has_the_outputs_of_the_task_unless_told() -> None:
    task = Segmentation(("a", "b", "c"))
    assert create_model(ModelSpec(name="nano_u"), task).logit.filters == 3
    assert create_model(ModelSpec(name="nano_u", arguments={"outputs": 2}), task).logit.filters == 2
    assert create_model(ModelSpec(name="nano_u")).logit.filters == 1


def test_a_softmax_of_a_file_goes_where_classes_are_asked_for(tmp_path) -> None:
    inputs = tf_keras.layers.Input((8, 8, 3))
    x = tf_keras.layers.GlobalAveragePooling2D()(inputs)
    save(tf_keras.Model(inputs, tf_keras.layers.Dense(3, activation="softmax")(x)), tmp_path / "net.h5")
    model = create_model(ModelSpec(name=str(tmp_path / "net.h5")), Classification(("a", "b", "c")))
    assert model.layers[-1].activation is tf_keras.activations.linear
    assert model.output_shape == (None, 3)
