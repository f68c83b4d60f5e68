"""BatchNorm's statistics after training are those of the training images, and nothing else is changed."""

import numpy as np
import pytest
import tf_keras

from edge_nas.core.config import AugmentationSpec, FitSpec
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.data.dataset import ImageSet
from edge_nas.evaluation.evaluate import evaluate
from edge_nas.runs.progress import Silent
from edge_nas.runtimes.keras import KerasRuntime
from edge_nas.tasks import BINARY_SEGMENTATION
from edge_nas.training import fit
from edge_nas.training.statistics import PopulationStatistics

L = tf_keras.layers
AUGMENTATION = AugmentationSpec(crop=0.0, brightness=0.2, contrast=0.2, colour=0.0)


def images(count: int = 10, size: int = 8) -> ImageSet:
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    pixels[: count // 2] //= 4  # so that batches differ
    return ImageSet(pixels, pixels[..., 0] // 128, tuple(f"{i}.png" for i in range(count)))


def network(batchnorm=L.BatchNormalization, seed: int = 0, size: int = 8):
    """Two BatchNorms of Keras' default momentum, 0.99, `first` and `second`, one behind the other."""
    tf_keras.utils.set_random_seed(seed)
    image = L.Input((size, size, 3), name="image")
    x = L.ReLU()(batchnorm(name="first")(L.Conv2D(6, 3, padding="same", use_bias=False)(image)))
    x = L.ReLU()(batchnorm(name="second")(L.Conv2D(6, 3, padding="same", use_bias=False)(x)))
    return tf_keras.Model(image, L.Conv2D(1, 1, name="logit")(x))


def users_network():
    """As people write them: three blocks, Keras' default momentum."""
    tf_keras.utils.set_random_seed(0)
    image = x = L.Input((16, 16, 3), name="image")
    for _ in range(3):
        x = L.ReLU()(L.BatchNormalization()(L.Conv2D(8, 3, padding="same", use_bias=False)(x)))
    return tf_keras.Model(image, L.Conv2D(1, 1)(x))


def seen_by(model, name: str, data: ImageSet):
    """Returns what a layer sees in inference, for all images."""
    return tf_keras.Model(model.inputs, model.get_layer(name).input)(Preprocessing().apply(data.images)).numpy()


def assert_population(model, name: str, data: ImageSet, tolerance: float = 1e-4) -> None:
    values = seen_by(model, name, data)
    layer = model.get_layer(name)
    axes = tuple(range(values.ndim - 1))
    np.testing.assert_allclose(layer.moving_mean, values.mean(axes), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(layer.moving_variance, values.var(axes), rtol=tolerance, atol=tolerance)


def run(model, dataset, epochs: int, **arguments):
    spec = FitSpec(epochs=epochs, batch_size=8, learning_rate=0.02, decov_weight=0.0)
    return fit(model, spec, dataset, AUGMENTATION, seed=3, progress=Silent(), **arguments)


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch):
    """Lets the moving averages stand, as before."""

    def patch() -> None:
        monkeypatch.setattr(PopulationStatistics, "on_test_begin", lambda *_: None)

    return patch


@pytest.mark.parametrize("keep_best", [True, False])
def test_after_few_steps_statistics_are_those_of_the_population(easy_dataset, keep_best: bool) -> None:
    model = network(size=16)
    run(model, easy_dataset, 2, keep_best=keep_best)
    for name in ("first", "second"):
        assert_population(model, name, easy_dataset.train)


def test_a_short_training_scores_above_the_majority(easy_dataset, without) -> None:
    """Like a user's network of momentum 0.99 that shipped with 0.582 where the majority's mask has 0.602."""
    trivial = max(
        evaluate(predictor, easy_dataset).val.metrics.primary
        for predictor in BINARY_SEGMENTATION.baselines(easy_dataset.train.labels).values()
    )
    scores = []
    for _ in range(2):
        model = users_network()
        run(model, easy_dataset, 5)
        scores.append(evaluate(KerasRuntime(model).run, easy_dataset).val.metrics.primary)
        without()
    renewed, averaged = scores
    assert averaged < trivial < 0.9 < renewed


def test_the_weights_are_trained_as_without(easy_dataset, without) -> None:
    models = []
    for _ in range(2):
        models.append(network(size=16))
        run(models[-1], easy_dataset, 2, keep_best=False)
        without()
    renewed, averaged = models
    for ours, theirs in zip(renewed.trainable_weights, averaged.trainable_weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not np.allclose(renewed.get_layer("first").moving_mean, averaged.get_layer("first").moving_mean)


def test_a_network_without_batchnorm_is_not_touched(easy_dataset, without) -> None:
    def plain(name: str):
        return L.Activation("linear", name=name)

    weights = []
    for _ in range(2):
        model = network(plain, size=16)
        records = run(model, easy_dataset, 2)
        weights.append((model.get_weights(), records))
        without()
    (ours, records), (theirs, records_without) = weights
    assert records == records_without
    for renewed, averaged in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(renewed, averaged)


def test_several_batches_are_pooled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_nas.training.statistics._BATCH_BYTES", 3 * 8 * 8 * 6 * 4)
    model, data = network(), images()
    statistics = PopulationStatistics(model, data, seed=0)
    assert [len(batch) for batch in statistics._batches] == [3, 3, 2, 2]
    statistics.on_test_begin()
    assert_population(model, "first", data)
    # Behind batches of their own statistics, as in training; halves of these images are four times as dark.
    assert_population(model, "second", data, 1.0)


def test_the_images_are_a_part_of_a_large_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_nas.training.statistics.MOST_IMAGES", 4)
    model, data = network(), images()
    PopulationStatistics(model, data, seed=0).on_test_begin()
    chosen = np.sort(np.random.default_rng(0).choice(10, 4, replace=False))
    part = ImageSet(data.images[chosen], data.labels[chosen], ("a", "b", "c", "d"))
    assert_population(model, "first", part)
    assert_population(model, "second", part)


def test_a_frozen_batchnorm_keeps_its_statistics() -> None:
    model, data = network(), images()
    model.get_layer("first").trainable = False
    PopulationStatistics(model, data, seed=0).on_test_begin()
    np.testing.assert_array_equal(model.get_layer("first").moving_mean, np.zeros(6))
    np.testing.assert_array_equal(model.get_layer("first").moving_variance, np.ones(6))
    assert_population(model, "second", data)


def test_dropout_is_off() -> None:
    image = L.Input((8, 8, 3), name="image")
    model = tf_keras.Model(image, L.Conv2D(1, 1)(L.BatchNormalization(name="first")(L.Dropout(0.5)(image))))
    data = images()
    PopulationStatistics(model, data, seed=0).on_test_begin()
    assert_population(model, "first", data)


def test_a_batchnorm_called_twice_gets_the_mean_of_both() -> None:
    shared = L.BatchNormalization(name="shared")
    image = L.Input((8, 8, 3), name="image")
    model = tf_keras.Model(image, L.Add()([shared(image), shared(L.MaxPooling2D(3, 1, "same")(image))]))
    data = images()
    PopulationStatistics(model, data, seed=0).on_test_begin()
    pixels = Preprocessing().apply(data.images)
    both = [pixels, L.MaxPooling2D(3, 1, "same")(pixels).numpy()]
    axes = (0, 1, 2)
    np.testing.assert_allclose(shared.moving_mean, np.mean([x.mean(axes) for x in both], 0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(shared.moving_variance, np.mean([x.var(axes) for x in both], 0), rtol=1e-4)


def test_statistics_over_two_axes() -> None:
    image = L.Input((8, 8, 3), name="image")
    model = tf_keras.Model(image, L.Conv2D(1, 1)(L.BatchNormalization(axis=(1, 3), name="rows")(image)))
    data = images()
    PopulationStatistics(model, data, seed=0).on_test_begin()
    values = Preprocessing().apply(data.images)
    expected = values.mean((0, 2), keepdims=True)
    np.testing.assert_allclose(model.get_layer("rows").moving_mean, expected, rtol=1e-4, atol=1e-5)
