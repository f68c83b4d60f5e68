"""What a result depends on besides settings and data: this package's sources and the libraries that compute."""

import functools
import hashlib
import platform
from importlib import metadata
from pathlib import Path

# Those whose version changes weights, files or figures; part of every stage's key.
KEY_PACKAGES = (
    "tensorflow",
    "tf_keras",
    "tensorflow-model-optimization",
    "numpy",
    "onnx",
    "tf2onnx",
    "onnxruntime",
    "ai-edge-litert",
)
# Those that are worth knowing when a run is looked at later.
MANIFEST_PACKAGES = (*KEY_PACKAGES, "keras", "pillow", "protobuf", "pydantic", "tflite")


@functools.cache
def package_versions(packages: tuple[str, ...] = KEY_PACKAGES) -> dict[str, str]:
    """Returns package -> installed version, "missing" where it is not installed; imports none of them."""
    return {package: _version(package) for package in packages}


@functools.cache
def source_digest() -> str:
    """Returns the SHA-256 of every source and data file of this package except the command line's, which only prints.

    It makes a finished stage stale when the code changes, also between two commits of one version.
    """
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.is_file() and path.suffix != ".pyc" and inside.parts[0] != "cli":
            digest.update(f"{inside.as_posix()}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def python_version() -> str:
    """Returns the interpreter's version, such as "3.11.7"."""
    return platform.python_version()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"
