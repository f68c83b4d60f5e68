"""Which modules the extra `train` brings, and what to say where a command needs one and it is not there.

pip install edge-nas             inspect, compile, verify, deploy, boards, compare, doctor; no TensorFlow (180 MB)
pip install 'edge-nas[train]'    everything (2.6 GB)
"""

import json
import shlex
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

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
        "threadpoolctl",
        "PIL",
    }
)
PACKAGE = "edge-nas"


@cache
def install_command(extra: str) -> str:
    """Returns the command that brings an extra here, from where this package came: an index, a clone, a wheel.

    For a terminal: it can have a path of this machine, which nothing that is handed on should say.
    """
    recorded = _recorded_origin()
    url = urlsplit(str(recorded.get("url", "")))
    source = Path(unquote(url.path))
    if url.scheme != "file" or not source.exists():  # of an index; or of a clone that is no longer there
        return f"pip install '{PACKAGE}[{extra}]'"
    editable = "-e " if recorded.get("dir_info", {}).get("editable") else ""
    tested = source / "constraints.txt"
    versions = f"-c {shlex.quote(str(tested))} " if tested.is_file() else ""
    return f"pip install {versions}{editable}{shlex.quote(f'{source}[{extra}]')}"


def _recorded_origin() -> dict[str, Any]:
    """Returns what pip noted where this package was not installed from an index (PEP 610); else nothing."""
    try:
        text = metadata.distribution(PACKAGE).read_text("direct_url.json")
        recorded = json.loads(text or "{}")
    except (metadata.PackageNotFoundError, ValueError):  # of a source tree that nobody installed
        return {}
    return recorded if isinstance(recorded, dict) else {}


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
        f"than .tflite is the extra `train`. Install it with: {install_command('train')}"
    )
