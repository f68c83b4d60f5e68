"""The network of a configuration, built and held against what every stage would refuse of it; loads TensorFlow."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from edge_nas.boards import load_board
from edge_nas.core.config import BuildConfig
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.errors import ArtifactError, ConfigError
from edge_nas.results.artifacts import Cost
from edge_nas.results.check import PlannedFit
from edge_nas.stages.ahead import LaterSettings, check_ahead

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset


class NetworkFacts(NamedTuple):
    """An untrained network that no stage would refuse.

    Attributes:
        cost: in Keras.
        batch_normalizations: how many of its layers are.
        planned: what its C will take on the board; None where `planned_unknown` says why that is not known.
    """

    cost: Cost
    batch_normalizations: int
    planned: PlannedFit | None
    planned_unknown: str | None


def check_network(config: BuildConfig, dataset: "Dataset", warn: Callable[[str], object]) -> NetworkFacts:
    """Returns what the untrained network costs, in Keras and on the board, once no stage would refuse it.

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
    settings = LaterSettings(train, train.monitor, config.prune, config.quantize, len(calibration))
    check_ahead(student, settings, dataset, warn)
    if train.teacher is not None:
        untrained_network(train.teacher, shape, config.seed, dataset.task)
    return _facts(student.flat, keras_cost(student.flat), config)


def _facts(network: Any, cost: Cost, config: BuildConfig) -> NetworkFacts:
    from edge_nas.pruning.planned import batch_normalizations, planned_fit

    norms = batch_normalizations(network)
    board = load_board(config.deploy.board)
    try:
        planned = planned_fit(network, config.prune, config.quantize, config.compile, board)
    except (ConfigError, ArtifactError) as error:  # what compile refuses is a warning already
        return NetworkFacts(cost, norms, None, str(error))
    return NetworkFacts(cost, norms, planned, None)
