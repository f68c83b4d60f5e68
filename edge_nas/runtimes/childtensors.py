"""Tensors on their way to and from a child process: one line of JSON, then bytes.

Both sides use it: the parents, `edge_nas.runtimes.reference` and `edge_nas.runtimes.tflm`, and their children. A child
imports nothing else of ours, so that it starts in a fifth of a second.
"""

import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Stored = npt.NDArray[Any]


def described(tensors: Sequence[Stored]) -> list[dict[str, Any]]:
    """Returns the shape and dtype of each, as JSON holds them."""
    return [{"shape": list(values.shape), "dtype": values.dtype.name} for values in tensors]


def tensor_bytes(tensors: Sequence[Stored]) -> bytes:
    """Returns the bytes of all, one after the other."""
    return b"".join(np.ascontiguousarray(values).tobytes() for values in tensors)


def described_tensors(descriptions: Sequence[dict[str, Any]], data: bytes) -> list[Stored]:
    """Returns the tensors that `described` and `tensor_bytes` were made of; they cannot be written to."""
    tensors, offset = [], 0
    for each in descriptions:
        count = math.prod(each["shape"])
        tensors.append(np.frombuffer(data, each["dtype"], count, offset).reshape(each["shape"]))
        offset += tensors[-1].nbytes
    return tensors


def frames_of(parts: Sequence[Stored]) -> Stored:
    """Returns an output over frames, (N, ...), of what each frame gave: a batch of 1, or a tensor without a batch."""
    stacked = np.stack(parts)
    return stacked[:, 0] if stacked.shape[1:2] == (1,) else stacked


def message(head: dict[str, Any], body: bytes) -> bytes:
    """Returns a question or an answer."""
    return json.dumps(head).encode() + b"\n" + body


def split_message(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Returns the head and the body of a question or an answer."""
    line, _, body = data.partition(b"\n")
    return json.loads(line), body


def answer_one(answered: Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]) -> None:
    """Reads a question from standard input and writes the answer to standard output; all a child does.

    What libraries print to standard output meanwhile goes to standard error.
    """
    question, body = split_message(sys.stdin.buffer.read())
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    output.write(message(*answered(question, body)))
    output.close()
