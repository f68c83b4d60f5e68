"""What a worker's process keeps between jobs: TensorFlow on one thread, and the data set."""

import functools
import multiprocessing
from typing import TYPE_CHECKING

from edge_nas.core.config import DataSpec
from edge_nas.core.hashing import sha256_data
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.errors import InputError

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset


class UnreadInputError(InputError):
    """A search's data or model cannot be read where it is wanted, or is not what the search began with."""


def begin(seed: int) -> None:
    """Loads TensorFlow, and forgets the names, the memory and the random numbers of the jobs before.

    A network is the same whatever its worker has done.
    """
    load_tensorflow()
    _take_one_thread()
    import tf_keras

    tf_keras.backend.clear_session()
    tf_keras.utils.set_random_seed(seed)


def loaded_dataset(data: DataSpec, task: str, expected_sha256: str) -> "Dataset":
    """Returns a data set, read once per process and content.

    Raises:
        UnreadInputError: it cannot be read, or is not the expected one: it was changed while the search went on.
        ConfigError: its settings mean nothing here.
    """
    from edge_nas.data.loader import load_dataset

    key = sha256_data([task, data.to_data()])
    if _Loaded.dataset is None or _Loaded.key != key or _Loaded.dataset.sha256 != expected_sha256:
        # Another one under the same settings was read for a search before this one, where a worker serves several.
        try:
            _Loaded.dataset = load_dataset(data, task)
        except InputError as error:
            raise UnreadInputError(str(error)) from error
        _Loaded.key = key
    if _Loaded.dataset.sha256 != expected_sha256:
        raise UnreadInputError(f"{data.place}: the data was changed while the search went on; begin a new search")
    return _Loaded.dataset


class _Loaded:
    """The data set that this process read last, by the hash of its settings."""

    key = ""
    dataset: "Dataset | None" = None


@functools.cache
def _take_one_thread() -> None:
    """Has TensorFlow use one thread in a worker: there is a worker for each core, and sums have one order."""
    if multiprocessing.parent_process() is not None:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
