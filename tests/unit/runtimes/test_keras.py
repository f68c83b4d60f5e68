import numpy as np
import pytest
import tf_keras

from edge_nas.errors import ArtifactError
from edge_nas.runtimes.keras import KerasRuntime


def test_any_number_of_images_gives_what_the_model_gives(tiny_models) -> None:
    runtime = KerasRuntime(tiny_models.keras)
    inputs = np.random.default_rng(2).uniform(-1, 1, (70, 8, 8, 3)).astype(np.float32)
    assert runtime.run(inputs[:0]).shape == (0, *tiny_models.keras.output_shape[1:])
    for count in (1, 32, 70):
        outputs = runtime.run(inputs[:count])
        assert outputs.dtype == np.float32
        np.testing.assert_allclose(outputs, tiny_models.keras(inputs[:count], training=False).numpy(), atol=1e-5)


def test_it_runs_in_inference_mode() -> None:
    model = tf_keras.Sequential([tf_keras.layers.Input((4, 4, 1)), tf_keras.layers.Dropout(0.9)])
    inputs = np.ones((2, 4, 4, 1), np.float32)
    np.testing.assert_array_equal(KerasRuntime(model).run(inputs), inputs)


def test_shapes_that_do_not_fit_are_refused(tiny_models) -> None:
    with pytest.raises(ArtifactError, match="inputs have shape"):
        KerasRuntime(tiny_models.keras).run(np.zeros((1, 8, 4, 3), np.float32))
    free = tf_keras.layers.Input((None, None, 3))
    with pytest.raises(ArtifactError, match="known shape"):
        KerasRuntime(tf_keras.Model(free, tf_keras.layers.ReLU()(free)))
