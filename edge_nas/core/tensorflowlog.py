"""Keeps TensorFlow's start-up chatter off the terminal: sets variables of the process, imports nothing of it.

TensorFlow 2.21 prints about CPU features, missing GPUs and oneDNN from C++ while it is imported, and tf_keras logs
saving hints; one of our error messages between them would be lost.
"""

import logging
import os


def quiet_tensorflow() -> None:
    """Makes a later `import tensorflow` print errors only; a level that the user has set stays."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Stray `tf.keras` in third-party code then means Keras 2, the one that TFMOT works with.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    for name in ("tensorflow", "absl", "tf2onnx", "h5py"):
        logging.getLogger(name).setLevel(logging.ERROR)
