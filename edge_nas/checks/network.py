"""The network of a configuration, built and held against what every stage would refuse of it; loads TensorFlow."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from edge_nas.core.config import BuildConfig
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.results.artifacts import Cost
from edge_nas.stages.ahead import LaterSettings, check_ahead

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset


def check_network(config: BuildConfig, dataset: "Dataset", warn: Callable[[str], object]) -> Cost:
    """Returns what the untrained network costs in Keras, once no stage would refuse it.

    Args:
        config: what is built.
        dataset: its data.
        warn: is told what goes wrong in a stage that a build can do without.

    Raises:
        ConfigError, InputError, UnsafeError: the network or its teacher cannot be made, or a stage would refuse it.
    """
    load_tensorflow()
    from edge_nas.graph.cost import keras_cost
    from edge_nas.training.untrained import untrained_network

    shape = dataset.format.shape
    student = untrained_network(config.model, shape, config.seed, dataset.task)
    calibration = dataset.calibration_set(config.data.calibration_images, config.seed)
    train = config.train
    settings = LaterSettings(train, train.monitor, config.prune, config.quantize.scheme, len(calibration))
    check_ahead(student, settings, dataset, warn)
    if train.teacher is not None:
        untrained_network(train.teacher, shape, config.seed, dataset.task)
    return keras_cost(student.flat)
