"""Keeps TensorFlow's start-up chatter off the terminal (TF 2.21).

TensorFlow prints about CPU features, missing GPUs and oneDNN from C++, some of it before its log level counts, and
tf_keras logs saving hints; one of our error messages between them would be lost.
"""

import importlib
import logging
import os
import sys
import tempfile


def quiet_tensorflow() -> None:
    """Makes a later `import tensorflow` print errors only; a level that the user has set stays."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Stray `tf.keras` in third-party code then means Keras 2, the one that TFMOT works with.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    for name in ("tensorflow", "absl", "tf2onnx", "h5py"):
        logging.getLogger(name).setLevel(logging.ERROR)


def load_tensorflow() -> None:
    """Imports TensorFlow and tf_keras with nothing on the terminal; if that fails, all they printed is shown.

    Raises:
        ImportError: they are not installed, or the installation is broken.
    """
    quiet_tensorflow()
    if "tf_keras" in sys.modules:
        return
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as swallowed:
        os.dup2(swallowed.fileno(), 2)
        try:
            importlib.import_module("tensorflow")
            importlib.import_module("tf_keras")
        except ImportError:
            swallowed.seek(0)
            os.write(terminal, swallowed.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)
