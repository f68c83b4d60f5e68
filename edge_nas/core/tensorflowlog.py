"""Starts TensorFlow as this package needs it: quiet (TF 2.21), and with settings of Keras that are the same everywhere.

TensorFlow prints about CPU features, missing GPUs and oneDNN from C++, some of it before its log level counts, and
tf_keras logs saving hints; one of our error messages between them would be lost.

Both Keras read their settings when they are imported, from ~/.keras/keras.json, or from /tmp/.keras where there is no
home to write to, and write that file where it is missing. Another data format or precision in it, of the user or of
whoever else can write to /tmp, would change every network; and nothing is written to a home here.
"""

import importlib
import logging
import os
import sys
from pathlib import Path

from edge_nas.core.chatter import quiet_library
from edge_nas.core.installed import explained

_KERAS_SETTINGS = Path(__file__).with_name("keras")
"""The folder of keras.json; both Keras take a folder of that name from the environment."""


def quiet_tensorflow() -> None:
    """Makes a later `import tensorflow` print errors only, and Keras take our settings; what the user has set stays."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Stray `tf.keras` in third-party code then means Keras 2, the one that TFMOT works with.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("KERAS_HOME", str(_KERAS_SETTINGS))
    for name in ("tensorflow", "absl", "tf2onnx", "h5py"):
        logging.getLogger(name).setLevel(logging.ERROR)


def load_tensorflow() -> None:
    """Imports TensorFlow and tf_keras with nothing on the terminal; if that fails, all they printed is shown.

    Raises:
        ResourceError: they are not installed.
        ImportError: the installation is broken.
    """
    quiet_tensorflow()
    if "tf_keras" in sys.modules:
        return
    try:
        with quiet_library():
            importlib.import_module("tensorflow")
            importlib.import_module("tf_keras")
    except ModuleNotFoundError as error:
        missing = explained(error, "what trains and converts networks")
        raise error if missing is None else missing from error
