"""The child of `edge_nas.runtimes.tflm`: one question on standard input, one answer on standard output.

Both are one line of JSON, then bytes: the model and the input frames; the output frames.
"""

import json
import os
import sys
from typing import Any

import numpy as np

LARGEST_ARENA = 64 << 20  # bytes; no microcontroller has as much RAM
_ALIGNMENT = 16  # bytes, of an arena, as the interpreter aligns its buffers


def _interpreter(model: bytes, arena: int) -> Any:
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_bytes(model, arena_size=arena)


def _run(model: bytes, inputs: np.ndarray) -> tuple[dict[str, object], bytes]:
    interpreter = _interpreter(model, LARGEST_ARENA)
    outputs = []
    for index in range(len(inputs)):
        interpreter.set_input(inputs[index : index + 1], 0)
        interpreter.invoke()
        outputs.append(interpreter.get_output(0).tobytes())
    last = interpreter.get_output(0)
    return {"shape": list(last.shape[1:]), "dtype": last.dtype.name}, b"".join(outputs)


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
        head, body = _run(model, np.frombuffer(rest, question["dtype"]).reshape(question["shape"]))
    answer.write(json.dumps(head).encode() + b"\n" + body)
    answer.close()


if __name__ == "__main__":
    main()
