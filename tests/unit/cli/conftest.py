"""A user's folder: a module with a network, and images; and a run whose network is trained."""

from pathlib import Path

import pytest
from PIL import Image

from edge_nas.core.configfile import dump_config, load_config

MODULE = """
import tf_keras
def net():
    return tf_keras.Sequential([tf_keras.layers.Conv2D(4, 3, name="stem"), tf_keras.layers.Conv2D(1, 1, name="logit")])

def two_inputs():
    image, numbers = tf_keras.Input((4, 4, 1), name="image"), tf_keras.Input((3,), name="numbers")
    joined = tf_keras.layers.Concatenate()([tf_keras.layers.Flatten()(image), numbers])
    return tf_keras.Model([image, numbers], tf_keras.layers.Dense(2, name="last")(joined))
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the current folder, with `own_nets:net` and two images of 8x8 in `images`."""
    (tmp_path / "own_nets.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "images").mkdir()
    for number in range(2):
        Image.effect_noise((8, 8), 60).convert("RGB").save(tmp_path / "images" / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def trained_run(tmp_path: Path) -> Path:
    """Returns a run that has got as far as its trained network, on three training images of 8x8."""
    import tf_keras

    from edge_nas.models import save_model

    run = tmp_path / "run"
    (run / "01_train").mkdir(parents=True)
    settings = ["data.input_shape=[8,8,3]", *(f"data.terrain.{split}_images=3" for split in ("train", "val", "test"))]
    (run / "config.yaml").write_text(dump_config(load_config(None, settings)))
    inputs = tf_keras.Input((8, 8, 3))
    features = tf_keras.layers.Conv2D(4, 3, padding="same", name="stem")(inputs)
    save_model(
        tf_keras.Model(inputs, tf_keras.layers.Conv2D(1, 1, name="logit")(features)), run / "01_train/trained.npz"
    )
    return run
