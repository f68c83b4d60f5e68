"""Which modules the extra `train` brings, and what to say where a command needs one and it is not there.

pip install edge-nas             inspect, compile, verify, deploy, boards, compare, doctor; no TensorFlow (180 MB)
pip install 'edge-nas[train]'    everything (2.6 GB)
"""

from importlib.util import find_spec

from edge_nas.errors import ResourceError

TRAIN_MODULES = frozenset(
    {
        "tensorflow",
        "tf_keras",
        "keras",
        "tensorflow_model_optimization",
        "tf2onnx",
        "onnx",
        "onnxruntime",
        "h5py",
        "matplotlib",
        "tensorboard",
        "PIL",
    }
)
TRAIN_INSTALL = "pip install 'edge-nas[train]'"


def require_train(what: str) -> None:
    """Refuses what needs TensorFlow where it is not installed, before anything is written.

    Args:
        what: needs it, such as "edge-nas build".

    Raises:
        ResourceError: says which command brings it.
    """
    if find_spec("tensorflow") is None:
        raise ResourceError(_sentence(what, "tensorflow"))


def explained(error: ImportError, what: str) -> ResourceError | None:
    """Returns what to say of a module that an extra brings and that is not there; None for any other failed import."""
    module = (error.name or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or module not in TRAIN_MODULES:
        return None
    return ResourceError(_sentence(what, module))


def _sentence(what: str, module: str) -> str:
    return (
        f"{what} needs {module}, which is not installed here: whatever trains, reads pictures or takes other files "
        f"than .tflite is the extra `train`. Install it with: {TRAIN_INSTALL}"
    )
