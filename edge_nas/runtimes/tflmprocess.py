"""The child of `edge_nas.runtimes.tflm`: the smallest arena of a file, or its outputs for the frames given."""

import os
from typing import Any

import tflite

from edge_nas.runtimes.childtensors import Stored, answer_one, described, described_tensors, frames_of, tensor_bytes

LARGEST_ARENA = 64 << 20  # bytes; no microcontroller has as much RAM
_ALIGNMENT = 16  # bytes, of an arena, as the interpreter aligns its buffers


def _interpreter(model: bytes, arena: int) -> Any:
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_bytes(model, arena_size=arena)


def _run(model: bytes, inputs: list[Stored], *, apart: bool) -> list[Stored]:
    interpreter = _interpreter(model, LARGEST_ARENA)
    rows = []
    for index in range(len(inputs[0])):
        if apart:
            interpreter.reset()
        for number, values in enumerate(inputs):
            interpreter.set_input(values[index : index + 1], number)
        interpreter.invoke()
        rows.append([interpreter.get_output(number).copy() for number in range(_outputs(model))])
    return [frames_of(parts) for parts in zip(*rows, strict=True)]


def _outputs(model: bytes) -> int:
    """Returns how many outputs a file has: the interpreter does not tell."""
    return int(tflite.Model.GetRootAs(model, 0).Subgraphs(0).OutputsLength())


def _fits(model: bytes, arena: int) -> bool:
    """Returns whether the file runs once with so many bytes, tried in a fork: its LSTM crashes where it has too few."""
    child = os.fork()
    if child == 0:
        fits = False
        try:
            _interpreter(model, arena).invoke()
            fits = True
        finally:
            os._exit(0 if fits else 1)  # whatever happened, the fork must not go on with its parent's work
    _, status = os.waitpid(child, 0)
    return status == 0


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


def _answer(question: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    model, rest = body[: question["model_bytes"]], body[question["model_bytes"] :]
    if question["task"] == "arena":
        return {"arena_bytes": _smallest_arena(model)}, b""
    outputs = _run(model, described_tensors(question["inputs"], rest), apart=question["apart"])
    return {"outputs": described(outputs)}, tensor_bytes(outputs)


if __name__ == "__main__":
    answer_one(_answer)
