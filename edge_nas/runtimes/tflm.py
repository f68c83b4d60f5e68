"""tflite-micro, the interpreter of microcontrollers, in a child process: a malformed file can crash it.

The package comes as development wheels that print to standard error and have no types; nothing else imports it.
"""

from collections.abc import Sequence
from importlib import metadata
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.core.processes import TimeLimitError, python_module, run
from edge_nas.errors import ArtifactError, ResourceError
from edge_nas.runtimes.childtensors import described, described_tensors, message, split_message, tensor_bytes

Codes = npt.NDArray[np.int8]

NAME = "tflite-micro"
PACKAGE = "tflite-micro"
INSTALL_ADVICE = "install it with: pip install 'edge-nas[tflm]'"
LIMIT_S = 600.0  # a choice: a child that hangs is killed then


def installed() -> bool:
    """Returns whether the package is there; it is not imported."""
    return find_spec("tflite_micro") is not None


def version() -> str:
    """Returns the package's version.

    Raises:
        ResourceError: it is not installed.
    """
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        raise ResourceError(f"{NAME} is not installed; {INSTALL_ADVICE}") from None


def run_stored(
    data: bytes, inputs: npt.NDArray[Any], *, apart: bool = False, limit_s: float = LIMIT_S
) -> npt.NDArray[Any]:
    """Returns the first outputs (N, ...) of a .tflite file of one input for inputs (N, ...), of the file's own dtypes.

    `apart`: see `run_all_stored`.

    Raises:
        ArtifactError: tflite-micro cannot run it.
        ResourceError: it is not installed, or does not end in time.
    """
    return run_all_stored(data, [inputs], apart=apart, limit_s=limit_s)[0]


def run_all_stored(
    data: bytes, inputs: Sequence[npt.NDArray[Any]], *, apart: bool = False, limit_s: float = LIMIT_S
) -> list[npt.NDArray[Any]]:
    """Returns a tensor (N, ...) for each output of a .tflite file, given one (N, ...) for each input.

    Frames are successive calls, or, `apart`, each the first after a reset.

    Raises:
        ArtifactError: tflite-micro cannot run it.
        ResourceError: it is not installed, or does not end in time.
    """
    question = {"task": "run", "model_bytes": len(data), "inputs": described(inputs), "apart": apart}
    head, answer = _ask(question, data + tensor_bytes(inputs), limit_s)
    return described_tensors(head["outputs"], answer)


def arena_bytes(data: bytes, *, limit_s: float = LIMIT_S) -> int:
    """Returns the smallest arena, a multiple of 16 bytes, with which the interpreter of this machine takes the file.

    Pointers here have 64 bits, so that a microcontroller needs somewhat less.

    Raises:
        ArtifactError: tflite-micro cannot run it with any arena up to 64 MiB.
        ResourceError: it is not installed, or does not end in time.
    """
    head, _ = _ask({"task": "arena", "model_bytes": len(data)}, data, limit_s)
    return int(head["arena_bytes"])


def _ask(question: dict[str, object], payload: bytes, limit_s: float) -> tuple[dict[str, Any], bytes]:
    """Returns the head and the bytes that the child answers."""
    version()
    try:
        child = python_module("edge_nas.runtimes.tflmprocess")
        finished = run(child, stdin=message(question, payload), limit_s=limit_s)
    except TimeLimitError as error:
        raise ResourceError(f"{NAME} did not end within {limit_s:g} s and was killed") from error
    if finished.code != 0:
        complaint = finished.complaint.splitlines()
        raise ArtifactError(f"{NAME} cannot run the file (exit code {finished.code}): {' | '.join(complaint[-3:])}")
    return split_message(finished.stdout)
