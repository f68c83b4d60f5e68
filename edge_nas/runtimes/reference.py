"""TFLite's reference kernels on a .tflite file of any inputs and outputs, call by call.

outputs = run_reference(data, [first, second], source="doorbell.tflite")   # a tensor (N, ...) for each input and output

They run in a child process: on some files they end the process that they run in, which is met on networks of others
and not only on malformed ones (a SOFTMAX over 512 classes and more that are nearly equal). Of a file that LiteRT has
no kernels for and tflite-micro has (`int8.micro`), the outputs are tflite-micro's.
"""

import math
import signal
from collections.abc import Sequence

import ai_edge_litert

from edge_nas.core.processes import python_module, run
from edge_nas.errors import ArtifactError, EdgeNasError
from edge_nas.int8.micro import only_micro_runs
from edge_nas.int8.reader import read_tflite
from edge_nas.runtimes import tflm
from edge_nas.runtimes.childtensors import Stored, described, described_tensors, message, split_message, tensor_bytes

VERSION: str = ai_edge_litert.__version__


def reference_name(data: bytes, source: str) -> str:
    """Returns what the outputs of `run_reference` come from, in words."""
    if _is_micro_only(data, source):
        return f"tflite-micro {tflm.version()} (LiteRT has no reference kernel for one of its operators)"
    return f"TFLite's reference kernels in ai-edge-litert {VERSION}"


def _is_micro_only(data: bytes, source: str) -> bool:
    try:
        return only_micro_runs(read_tflite(data, source))
    except ArtifactError:
        return False  # what is wrong with a malformed file, LiteRT says


def run_reference(
    data: bytes,
    inputs: Sequence[Stored],
    *,
    source: str = "the .tflite bytes",
    inside: Sequence[int] | None = None,
    apart: bool = False,
) -> list[Stored]:
    """Returns a tensor (N, ...) for each output of a file of batch 1, given one (N, ...) for each input.

    Of a network that keeps something from call to call, frames are successive calls, the first after a reset; `apart`,
    each is the first after one, as a Keras network computes samples.

    Args:
        data: the .tflite file.
        inputs: of the file's own dtypes.
        source: what to call the file in messages.
        inside: tensors of the file, by index, that are returned in the place of its outputs; of LiteRT's alone.
        apart: what the file keeps in variables of its operators, as an LSTM's, is forgotten before each frame.

    Raises:
        ArtifactError: LiteRT does not take the file, the inputs are of other shapes or dtypes, or LiteRT fails on them.
        ResourceError: tflite-micro is the reference, and is not installed.
    """
    if _is_micro_only(data, source):
        if inside is not None:
            raise ArtifactError(f"{source}: tflite-micro is its reference, which gives no tensors inside")
        return tflm.run_all_stored(data, inputs, apart=apart)
    question = {
        "model_bytes": len(data),
        "inputs": described(inputs),
        "inside": inside and list(inside),
        "apart": apart,
    }
    # No limit: large networks on many frames take minutes, and Ctrl-C ends the child with us.
    finished = run(
        python_module("edge_nas.runtimes.referenceprocess"),
        stdin=message(question, data + tensor_bytes(inputs)),
        limit_s=math.inf,
    )
    if finished.code < 0:
        name = signal.Signals(-finished.code).name
        raise ArtifactError(
            f"{source}: LiteRT's reference kernels ended their process with {name}: {finished.complaint}".rstrip(": ")
        )
    if finished.code > 0:
        # What LiteRT refuses, the child answers; it fails where it is at fault itself.
        raise EdgeNasError(f"{source}: the process of LiteRT's reference kernels failed: {finished.complaint}")
    answer, body = split_message(finished.stdout)
    if "error" in answer:
        raise ArtifactError(f"{source}: {answer['error']}")
    return described_tensors(answer["outputs"], body)
