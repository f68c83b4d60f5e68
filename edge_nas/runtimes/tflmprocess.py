"""The child of `edge_nas.runtimes.tflm`: one question on standard input, one answer on standard output.

Both are one line of JSON, then bytes: the model and the input frames; the output frames.
"""

import json
import math
import os
import sys
from typing import Any

import numpy as np
import tflite

LARGEST_ARENA = 64 << 20  # bytes; no microcontroller has as much RAM
_ALIGNMENT = 16  # bytes, of an arena, as the interpreter aligns its buffers


def _interpreter(model: bytes, arena: int) -> Any:
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_bytes(model, arena_size=arena)


def _run(model: bytes, inputs: list[np.ndarray]) -> tuple[dict[str, object], bytes]:
    interpreter = _interpreter(model, LARGEST_ARENA)
    rows = []
    for index in range(len(inputs[0])):
        for number, values in enumerate(inputs):
            interpreter.set_input(values[index : index + 1], number)
        interpreter.invoke()
        rows.append([interpreter.get_output(number).copy() for number in range(_outputs(model))])
    outputs = [np.stack(parts) for parts in zip(*rows, strict=True)]
    described = [{"shape": list(values.shape[2:]), "dtype": values.dtype.name} for values in outputs]
    return {"outputs": described}, b"".join(values.tobytes() for values in outputs)


def _outputs(model: bytes) -> int:
    """Returns how many outputs a file has: the interpreter does not tell."""
    return int(tflite.Model.GetRootAs(model, 0).Subgraphs(0).OutputsLength())


def _tensors(described: list[dict[str, Any]], data: bytes) -> list[np.ndarray]:
    """Returns the tensors whose bytes lie one after the other."""
    tensors, offset = [], 0
    for each in described:
        count = math.prod(each["shape"])
        tensors.append(np.frombuffer(data, each["dtype"], count, offset).reshape(each["shape"]))
        offset += tensors[-1].nbytes
    return tensors


def _fits(model: bytes, arena: int) -> bool:
    try:
        interpreter = _interpreter(model, arena)
        interpreter.invoke()
    except RuntimeError:
        return False
    return True


def _smallest_arena(model: bytes) -> int:
    if not _fits(model, LARGEST_ARENA):
        raise RuntimeError(f"it does not run with an arena of {LARGEST_ARENA} bytes")
    too_small, enough = 0, LARGEST_ARENA // _ALIGNMENT  # by bisection, in units of the alignment
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        if _fits(model, middle * _ALIGNMENT):
            enough = middle
        else:
            too_small = middle
    return enough * _ALIGNMENT


def main() -> None:
    """Answers the question on standard input."""
    data = sys.stdin.buffer.read()
    line, _, payload = data.partition(b"\n")
    question = json.loads(line)
    model, rest = payload[: question["model_bytes"]], payload[question["model_bytes"] :]
    # The library prints to the same standard output; the answer goes to a copy of it, prints go to standard error.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if question["task"] == "arena":
        head: dict[str, object] = {"arena_bytes": _smallest_arena(model)}
        body = b""
    else:
        head, body = _run(model, _tensors(question["inputs"], rest))
    answer.write(json.dumps(head).encode() + b"\n" + body)
    answer.close()


if __name__ == "__main__":
    main()
